// What is taught: a recorded clip as it is kept, words with clips merged, and the lesson that
// the recogniser learns of all of them.
import { thin } from "../figure/thinned.js";

export const LONGEST_TEXT = 60; // characters of a gloss, its reading or meaning

/** NFC may lengthen a text: it writes য় as two characters. */
const clean = (text) =>
  [
    ...String(text ?? "")
      .normalize("NFC")
      .replace(/\s+/g, " ")
      .trim(),
  ]
    .slice(0, LONGEST_TEXT)
    .join("");

/** Give a word as it is stored: NFC, without superfluous spaces, not too long. */
export const cleanWord = ({ gloss, transliteration, english }) => ({
  gloss: clean(gloss),
  transliteration: clean(transliteration),
  english: clean(english),
});

/** Give a recorded clip (see Engine.see) as it is taught and stored. */
export function clipOf({ embedding, modelScores: scores, ...recorded }) {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  const now = new Date();
  const local = new Date(now - 60_000 * now.getTimezoneOffset());
  const added = local.toISOString().slice(0, 10);
  const name = `page__${added}__${number.toString(16).padStart(8, "0")}`;
  const labels = { name, added, signer: null, session: null };
  return { ...labels, embedding, scores, skeleton: thin(recorded) };
}

/** Add words to others; a clip that is there already, by its embedding, is not added twice. */
export function merge(words, more) {
  const merged = words.map((word) => ({ ...word }));
  for (const { clips, ...word } of more) {
    const same = merged.find(({ gloss }) => gloss === word.gloss);
    const all = distinct([...(same?.clips ?? []), ...clips]);
    if (same) Object.assign(same, withoutEmpty(word), { clips: all });
    else merged.push({ ...word, clips: all });
  }
  return merged;
}

const withoutEmpty = (word) => Object.fromEntries(Object.entries(word).filter(([, text]) => text));

function distinct(clips) {
  const byEmbedding = new Map();
  for (const clip of clips) {
    const key = String(clip.embedding);
    if (!byEmbedding.has(key)) byEmbedding.set(key, clip);
  }
  return [...byEmbedding.values()];
}

/** Give words without the clips, and without the words, that others have already. */
export function without(words, others) {
  const clipsOf = (gloss) => others.find((other) => other.gloss === gloss)?.clips ?? [];
  return words
    .map((word) => {
      const present = new Set(clipsOf(word.gloss).map(({ embedding }) => String(embedding)));
      const isFresh = ({ embedding }) => !present.has(String(embedding));
      return { ...word, clips: word.clips.filter(isFresh) };
    })
    .filter(({ clips }) => clips.length);
}

/** Order glosses by their code points, as Python does. */
function byCodePoints(one, other) {
  const [first, second] = [[...one.gloss], [...other.gloss]];
  const index = first.findIndex((character, place) => character !== second[place]);
  if (index < 0) return first.length - second.length;
  return (first[index].codePointAt(0) ?? 0) - (second[index]?.codePointAt(0) ?? -1);
}

/**
 * Combine the words of a model with what was taught to it.
 *
 * @param {{gloss: string}[]} known the model's own words, in the order of its outputs
 * @param {{words: Object[], forgotten: string[]}[]} taught see `read` in exchange.js; a
 *   forgotten gloss that has clips is answered again
 * @returns {{vocabulary: Object[], lesson: Object|null}} the words that are answered, in the
 *   order of the answers; and what to teach, see TaughtModel, null for nothing
 */
export function combine(known, taught) {
  const words = taught.flatMap((one) => one.words);
  const own = new Set(known.map(({ gloss }) => gloss));
  const fresh = new Map();
  for (const { clips, ...word } of words)
    if (!own.has(word.gloss) && !fresh.has(word.gloss)) fresh.set(word.gloss, word);
  const all = [...known, ...[...fresh.values()].sort(byCodePoints)];
  const indices = new Map(all.map(({ gloss }, index) => [gloss, index]));
  const points = words.flatMap(({ gloss, clips }) =>
    clips.map(({ embedding, scores }) => ({ embedding, scores, index: indices.get(gloss) })),
  );
  const withClips = new Set(words.map(({ gloss }) => gloss));
  const gone = taught.flatMap((one) => one.forgotten).filter((gloss) => !withClips.has(gloss));
  const forgotten = [...new Set(gone)].map((gloss) => indices.get(gloss));
  return {
    vocabulary: all.filter((_, index) => !forgotten.includes(index)),
    lesson: words.length || gone.length ? { points, glossCount: all.length, forgotten } : null,
  };
}
