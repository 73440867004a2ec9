// The file of taught words: how it is written, read, checked and merged with others.
import { Problem } from "../browser/problem.js";

const FORMAT = "signnet taught";
const VERSION = 1;
const LONGEST_TEXT = 60; // characters of a gloss, its reading or meaning
const LARGEST_VALUE = 100; // no clip has a larger embedding or score

/** Run a function; null if it throws, as storage and JSON may. */
export function attempt(run) {
  try {
    return run();
  } catch {
    return null;
  }
}

const clean = (text) =>
  String(text ?? "")
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .trim();

/** Give a word as it is stored: NFC, without superfluous spaces. */
export const cleanWord = ({ gloss, transliteration, english }) => ({
  gloss: clean(gloss),
  transliteration: clean(transliteration),
  english: clean(english),
});

/** Round to six digits, which are more than the model's half precision. */
export const rounded = ({ embedding, scores }) => ({
  embedding: Array.from(embedding, (value) => Number(value.toPrecision(6))),
  scores: Array.from(scores, (value) => Number(value.toPrecision(6))),
});

/** Write taught words as the text of one file. */
export function write(words, { name, sha256 }) {
  return JSON.stringify({ format: FORMAT, version: VERSION, model: { name, sha256 }, words });
}

/**
 * Read the text of a file.
 *
 * @param {string} text
 * @param {{sha256: string, axes: number}} model the model that the words must belong to;
 *   `axes` is the length of an embedding
 * @param {number} glossCount how many glosses the model itself knows
 * @returns {Object[]} words {gloss, transliteration, english, points}; each point is a clip
 *   {embedding: number[axes], scores: number[glossCount]}
 * @throws {Problem} notTaughtFile, otherModel or damagedTaughtFile
 */
export function read(text, { sha256, axes }, glossCount) {
  const content = attempt(() => JSON.parse(text));
  if (content?.format !== FORMAT || content.version !== VERSION) throw new Problem("notTaughtFile");
  if (content.model?.sha256 !== sha256)
    throw new Problem("otherModel", String(content.model?.name));
  const isWhole = (word) => isWord(word, axes, glossCount);
  if (!Array.isArray(content.words) || !content.words.every(isWhole))
    throw new Problem("damagedTaughtFile");
  const pointOf = ({ embedding, scores }) => ({ embedding, scores });
  const words = content.words.map((word) => ({
    ...cleanWord(word),
    points: word.points.map(pointOf),
  }));
  return merge([], words);
}

function isWord(word, axes, glossCount) {
  const texts = [word?.gloss, word?.transliteration, word?.english];
  if (!texts.every((text) => typeof text === "string" && text.length <= LONGEST_TEXT)) return false;
  if (!clean(word.gloss) || !Array.isArray(word.points) || !word.points.length) return false;
  return word.points.every(
    (point) => isVector(point?.embedding, axes) && isVector(point?.scores, glossCount),
  );
}

function isVector(values, length) {
  const isValue = (one) => Number.isFinite(one) && Math.abs(one) < LARGEST_VALUE;
  return Array.isArray(values) && values.length === length && values.every(isValue);
}

/** Add words to others; clips that are there already are not added twice. */
export function merge(words, more) {
  const merged = words.map((word) => ({ ...word }));
  for (const { points, ...word } of more) {
    const same = merged.find(({ gloss }) => gloss === word.gloss);
    const present = new Set(same?.points.map(({ embedding }) => String(embedding)));
    const fresh = points.filter(({ embedding }) => !present.has(String(embedding)));
    if (same) Object.assign(same, withoutEmpty(word), { points: [...same.points, ...fresh] });
    else merged.push({ ...word, points: fresh });
  }
  return merged;
}

const withoutEmpty = (word) => Object.fromEntries(Object.entries(word).filter(([, text]) => text));
