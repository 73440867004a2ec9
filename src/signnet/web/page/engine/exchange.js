// taught.json: how taught words are written, read and checked. Python writes the same file.
import { decode, encode } from "../browser/base64.js";
import { Problem } from "../browser/problem.js";
import { isThin, SKELETON, valuesOf } from "../figure/thinned.js";
import { cleanWord, LONGEST_TEXT, merge } from "./lesson.js";

const FORMAT = "signnet taught";
const VERSION = 2;
const LONGEST_NAME = 200; // characters of a clip's name, signer or session
const LARGEST_VALUE = 100; // no clip has a larger embedding or score

/** Run a function; null if it throws, as storage and JSON may. */
export function attempt(run) {
  try {
    return run();
  } catch {
    return null;
  }
}

/**
 * Write what was taught as the text of one file.
 *
 * @param {{words: Object[], forgotten: string[]}} taught see `read`
 * @param {{name: string, sha256: string}} model the one that it was taught to
 */
export function write({ words, forgotten }, { name, sha256 }) {
  const head = { format: FORMAT, version: VERSION, model: { name, sha256 }, forgotten };
  const written = words.map(({ clips, ...word }) => ({ ...word, clips: clips.map(writeClip) }));
  return JSON.stringify({ ...head, skeleton: SKELETON, words: written });
}

function writeClip({ embedding, scores, skeleton, ...labels }) {
  return {
    ...labels,
    embedding: encode(embedding, "Float32"),
    scores: encode(scores, "Float32"),
    skeleton: skeleton && { ...skeleton, points: encode(skeleton.points, "Int16") },
  };
}

/**
 * Read the text of a file.
 *
 * @param {string} text
 * @param {{sha256: string, axes: number, glosses: string[]}} model the model that the words
 *   must belong to; `axes` is the length of an embedding
 * @returns {{words: Object[], forgotten: string[]}} words {gloss, transliteration, english,
 *   clips}; a clip has name, added, signer, session, embedding: Float32Array[axes], scores:
 *   Float32Array[gloss of the model] and skeleton, see figure/thinned.js
 * @throws {Problem} notTaughtFile, earlierTaughtFile, otherModel or damagedTaughtFile
 */
export function read(text, model) {
  return readContent(
    attempt(() => JSON.parse(text)),
    model,
  );
}

/** Read what JSON.parse made of a file's text; see `read`. */
export function readContent(content, model) {
  if (content?.format !== FORMAT) throw new Problem("notTaughtFile");
  if (content.version === 1) throw new Problem("earlierTaughtFile");
  if (content.version !== VERSION) throw new Problem("notTaughtFile");
  if (content.model?.sha256 !== model.sha256)
    throw new Problem("otherModel", String(content.model?.name));
  const { words, forgotten, skeleton } = content;
  const { joints, scale } = skeleton ?? {};
  check(String(joints) === String(SKELETON.joints) && scale === SKELETON.scale, "skeleton");
  check(Array.isArray(forgotten), "forgotten");
  check(
    forgotten.every((gloss) => model.glosses.includes(gloss)),
    "forgotten",
  );
  check(Array.isArray(words), "words");
  const found = words.map((word) => readWord(word, model));
  return { words: merge([], found), forgotten: [...new Set(forgotten)] };
}

function check(isRight, what) {
  if (!isRight) throw new Problem("damagedTaughtFile", what);
}

const isText = (text, longest) =>
  typeof text === "string" && text.length <= 2 * longest && [...text].length <= longest;

const isTextOrNull = (text, longest) => text === null || isText(text, longest);

function readWord(word, model) {
  const texts = [word?.gloss, word?.transliteration, word?.english];
  check(
    texts.every((text) => isText(text, LONGEST_TEXT)),
    "a word's texts",
  );
  const clean = cleanWord(word);
  check(clean.gloss && Array.isArray(word.clips) && word.clips.length, "a word without clips");
  return { ...clean, clips: word.clips.map((clip) => readClip(clip, model)) };
}

function readClip(clip, { axes, glosses }) {
  const { name, added, signer, session } = clip ?? {};
  check(isText(name, LONGEST_NAME), "a clip's name");
  const labels = [added, signer, session];
  check(
    labels.every((text) => isTextOrNull(text, LONGEST_NAME)),
    `the labels of ${name}`,
  );
  const embedding = readVector(clip.embedding, axes);
  const scores = readVector(clip.scores, glosses.length);
  check(embedding && scores, `the numbers of ${name}`);
  return { name, added, signer, session, embedding, scores, skeleton: readSkeleton(clip) };
}

function readVector(text, length) {
  const values = decode(text, "Float32", length);
  const isValue = (one) => Number.isFinite(one) && Math.abs(one) < LARGEST_VALUE;
  return values?.every(isValue) ? values : null;
}

function readSkeleton({ name, skeleton }) {
  if (skeleton === null) return null;
  const { fps, frames, points } = skeleton ?? {};
  check(isThin(fps, frames), `the skeleton of ${name}`);
  const steps = decode(points, "Int16", valuesOf(frames));
  check(steps, `the skeleton of ${name}`);
  return { fps, frames, points: steps };
}
