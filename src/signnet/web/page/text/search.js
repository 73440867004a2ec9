// Finds words however they are typed: Bangla, Latin letters or English, roughly spelt.
import { fold, isNear, skeletonOf, soundOf } from "./sound.js";
import { SYNONYMS } from "./synonyms.js";

const SHORTEST_PREFIX = 3; // letters of a query that may be the beginning of a synonym
const SHORTEST_SOUND = 3; // letters of a sound that may be a part of a word
const SHORTEST_SKELETON = 2;

const GROUPS = SYNONYMS.map((group) => group.map(fold));

/** Give the terms of all groups that a query belongs to. */
function synonymsOf(wanted) {
  const isMeant = (term) =>
    term === wanted || (wanted.length >= SHORTEST_PREFIX && term.startsWith(wanted));
  return GROUPS.filter((group) => group.some(isMeant)).flat();
}

const holdsWord = (text, term) => ` ${text} `.includes(` ${term} `);

/**
 * Find words by their gloss, reading or meaning, those that begin with the query first.
 *
 * @param {{gloss: string, transliteration?: string, english?: string}[]} words
 * @param {string} query words of the same meaning are found too; a spelling that merely
 *   sounds alike counts only where nothing else is found
 */
export function search(words, query) {
  const wanted = fold(query);
  if (!wanted) return query.trim() ? [] : [...words];
  const textsOf = ({ gloss, transliteration = "", english = "" }) =>
    [gloss, transliteration, english].map(fold);
  const synonyms = synonymsOf(wanted);
  const rankOf = (word) => {
    const texts = textsOf(word);
    if (texts.includes(wanted)) return 0;
    if (texts.some((text) => text.startsWith(wanted))) return 1;
    if (texts.some((text) => text.includes(wanted))) return 2;
    return synonyms.some((term) => texts.some((text) => holdsWord(text, term))) ? 3 : 4;
  };
  const ranked = words.map((word) => [rankOf(word), word]).filter(([rank]) => rank < 4);
  if (!ranked.length) return roughly(words, query);
  return ranked.sort(([one], [other]) => one - other).map(([, word]) => word);
}

/** Find words by the first rough way that finds any: by sound, by parts of the query, misspelt. */
function roughly(words, query) {
  for (const way of [soundingLike, alikeInAnyScript, oneOfSeveral, misspelt]) {
    const found = way(words, query);
    if (found.length) return found;
  }
  return [];
}

function soundingLike(words, query) {
  const wanted = soundOf(query);
  const isLike = (text) =>
    wanted.length < SHORTEST_SOUND ? text === wanted : text.includes(wanted);
  const texts = ({ transliteration = "", gloss }) => [transliteration, gloss].map(soundOf);
  return words.filter((word) => wanted && texts(word).some(isLike));
}

/** Give everything that a word may be called: its texts and those of the same meaning. */
function namesOf({ gloss, transliteration = "", english = "" }) {
  const texts = [gloss, transliteration, ...english.split(",")].map(fold).filter(Boolean);
  const groups = GROUPS.filter((group) => group.some((term) => texts.includes(term)));
  return [...new Set([...texts, ...groups.flat()])];
}

function alikeInAnyScript(words, query) {
  const wanted = skeletonOf(query);
  if (wanted.length < SHORTEST_SKELETON) return [];
  return words.filter((word) => namesOf(word).some((name) => skeletonOf(name) === wanted));
}

/** Find what single words of a longer query mean, the longest first. */
function oneOfSeveral(words, query) {
  const parts = fold(query).split(" ");
  if (parts.length < 2) return [];
  const wanted = parts.filter((part) => part.length >= SHORTEST_PREFIX);
  wanted.sort((one, other) => other.length - one.length);
  const found = wanted.flatMap((part) => words.filter((word) => namesOf(word).includes(part)));
  return [...new Set(found)];
}

function misspelt(words, query) {
  const wanted = fold(query);
  return words.filter((word) => namesOf(word).some((name) => isNear(wanted, name)));
}
