// Finds words however they are typed: Bangla, Latin letters or English, roughly spelt.
import { SYNONYMS } from "./synonyms.js";

const SHORTEST_PREFIX = 3; // letters of a query that may be the beginning of a synonym
const SHORTEST_SOUND = 3; // letters of a sound that may be a part of a word

// Bangla letters that sound alike, or that keyboards write in two ways.
const SOUND_ALIKE = [
  [/[\u0981\u0983\u09bc\u200c\u200d]/g, ""], // candrabindu, visarga, nukta, joiners
  [/ঈ/g, "ই"],
  [/ী/g, "ি"],
  [/ঊ/g, "উ"],
  [/ূ/g, "ু"],
  [/ণ/g, "ন"],
  [/[শষ]/g, "স"],
  [/য/g, "জ"],
  [/ৎ/g, "ত"],
  [/ঙ/g, "ং"],
];

// Latin spellings of one Bangla sound; the order matters.
const SPELT_ALIKE = [
  [/[^a-z]/g, ""],
  [/ee/g, "i"],
  [/oo/g, "u"],
  [/a/g, "o"],
  [/([bcdgjkpst])h/g, "$1"],
  [/ng?y/g, "n"],
  [/ph|f/g, "p"],
  [/[vw]/g, "b"],
  [/z/g, "j"],
  [/(?<=.)y/g, "i"],
  [/(.)\1+/g, "$1"],
];

const replaceAll = (text, pairs) =>
  pairs.reduce((changed, [letters, other]) => changed.replace(letters, other), text);

/** Write a text so that Bangla letters that sound alike, and cases, make no difference. */
export function fold(text) {
  const plain = text.normalize("NFD").toLowerCase();
  const words = plain.replace(/[^\p{L}\p{M}\p{N}\u200c\u200d]+/gu, " ").trim();
  return replaceAll(words.replace(/[\u0300-\u036f]/g, ""), SOUND_ALIKE);
}

/** Write Latin letters by their sound: dhonyobad and dhonnobad become the same. */
export const soundOf = (text) => replaceAll(fold(text), SPELT_ALIKE);

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
  if (!ranked.length) return soundingLike(words, query);
  return ranked.sort(([one], [other]) => one - other).map(([, word]) => word);
}

function soundingLike(words, query) {
  const wanted = soundOf(query);
  const isLike = (text) =>
    wanted.length < SHORTEST_SOUND ? text === wanted : text.includes(wanted);
  const texts = ({ transliteration = "", gloss }) => [transliteration, gloss].map(soundOf);
  return words.filter((word) => wanted && texts(word).some(isLike));
}
