// What was taught on this device: kept in the browser's storage, given away and taken in
// as one file. A word's points hold for the very model that they were recorded with.
import { Problem } from "../browser/problem.js";

const FORMAT = "signnet taught";
const VERSION = 1;
const LARGEST = 8e6; // bytes of a file
const MOST = 500; // taught clips: the time that teaching takes grows with their cube
const LONGEST = 60; // characters of a word, its reading or meaning
const FARTHEST = 100; // no clip lies farther out on any axis

const plain = (text) =>
  String(text ?? "")
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .trim();

/** Give a word as it is kept: NFC, no spaces around it. */
export const wordOf = ({ gloss, transliteration, english }) => ({
  gloss: plain(gloss),
  transliteration: plain(transliteration),
  english: plain(english),
});

export class Lessons {
  #model;
  #known;
  #words;
  #fit;
  #taught = [];
  #listeners = [];
  /** Whether the last change will outlast this visit. */
  isKept = true;

  /**
   * @param {{name: string, sha256: string, axes: number}} model
   * @param {{gloss: string}[]} words the model's; new ones are added at its end
   * @param {(points: Object[], width: number) => Promise<void>} fit has the recogniser
   *   learn the points; a change that it cannot learn is not made
   */
  constructor(model, words, fit) {
    this.#model = model;
    this.#known = words.length;
    this.#words = words;
    this.#fit = fit;
    addEventListener("storage", ({ key }) => key === this.#key && this.load());
  }

  /** The words that were taught: {gloss, transliteration, english, points}. */
  get taught() {
    return this.#taught;
  }

  /** Tell whether the model itself knows a gloss. */
  isKnown(gloss) {
    return this.#words.slice(0, this.#known).some((word) => word.gloss === gloss);
  }

  onChange(listener) {
    this.#listeners.push(listener);
    listener();
  }

  get #scope() {
    return `signnet taught ${new URL(".", document.baseURI).pathname} `;
  }

  get #key() {
    return this.#scope + this.#model.sha256.slice(0, 12);
  }

  /** Take up what an earlier visit taught. */
  async load() {
    const kept = attempt(() => localStorage.getItem(this.#key));
    const taught = kept ? attempt(() => read(kept, this.#model, this.#known)) : [];
    await this.#become(taught ?? []);
  }

  /** The words that were taught to another model of this page and cannot be used. */
  get stranded() {
    const keys = attempt(() => Object.keys(localStorage)) ?? [];
    const others = keys.filter((key) => key.startsWith(this.#scope) && key !== this.#key);
    const words = others.flatMap(
      (key) => attempt(() => JSON.parse(localStorage.getItem(key)).words) ?? [],
    );
    const now = new Set(this.#taught.map(({ gloss }) => gloss));
    return [...new Set(words.map(({ gloss }) => String(gloss)))].filter((gloss) => !now.has(gloss));
  }

  /** Teach clips of a word, beside those taught before. */
  add(word, points) {
    return this.#change(joined(this.#taught, [{ ...word, points: points.map(rounded) }]));
  }

  forget(gloss) {
    return this.#change(this.#taught.filter((word) => word.gloss !== gloss));
  }

  /** Go back to what `taught` was. */
  restore(taught) {
    return this.#change(taught);
  }

  /** Give everything as the text of one file. */
  document() {
    const { name, sha256 } = this.#model;
    return JSON.stringify({
      format: FORMAT,
      version: VERSION,
      model: { name, sha256 },
      words: this.#taught,
    });
  }

  /** Take in a file; a Problem, and nothing changed, if it is not of this model. */
  async take(file) {
    if (file.size > LARGEST) throw new Problem("tooLarge");
    const words = read(await file.text(), this.#model, this.#known);
    await this.#change(joined(this.#taught, words));
    return words.length;
  }

  async #change(taught) {
    if (taught.reduce((sum, { points }) => sum + points.length, 0) > MOST)
      throw new Problem("tooMany");
    await this.#become(taught, () => {
      this.isKept =
        attempt(() => (localStorage.setItem(this.#key, this.document()), true)) ?? false;
    });
  }

  async #become(taught, keep = () => {}) {
    const fresh = taught.filter(({ gloss }) => !this.isKnown(gloss));
    const words = [...this.#words.slice(0, this.#known), ...fresh];
    const places = new Map(words.map(({ gloss }, place) => [gloss, place]));
    const points = taught.flatMap((word) =>
      word.points.map((point) => ({ ...point, index: places.get(word.gloss) })),
    );
    await this.#fit(points, words.length);
    this.#taught = taught;
    this.#words.splice(this.#known, Infinity, ...fresh);
    keep();
    for (const listener of this.#listeners) listener();
  }
}

function attempt(what) {
  try {
    return what();
  } catch {
    return null;
  }
}

/** Six digits are more than the model's half precision. */
const rounded = ({ embedding, scores }) => ({
  embedding: Array.from(embedding, (value) => Number(value.toPrecision(6))),
  scores: Array.from(scores, (value) => Number(value.toPrecision(6))),
});

/** Put words beside others; clips that are there already are not taken twice. */
function joined(taught, more) {
  const words = taught.map((word) => ({ ...word }));
  for (const { points, ...word } of more) {
    const same = words.find(({ gloss }) => gloss === word.gloss);
    const there = new Set(same?.points.map(({ embedding }) => String(embedding)));
    const fresh = points.filter(({ embedding }) => !there.has(String(embedding)));
    if (same) Object.assign(same, named(word), { points: [...same.points, ...fresh] });
    else words.push({ ...word, points: fresh });
  }
  return words;
}

/** Keep of a word only what was said of it. */
const named = (word) => Object.fromEntries(Object.entries(word).filter(([, text]) => text));

/**
 * Read a file's text.
 *
 * @returns {Object[]} its words
 * @throws {Problem} notLessons, otherModel or damagedLessons
 */
export function read(text, { sha256, axes }, glosses) {
  const content = attempt(() => JSON.parse(text));
  if (content?.format !== FORMAT || content.version !== VERSION) throw new Problem("notLessons");
  if (content.model?.sha256 !== sha256)
    throw new Problem("otherModel", String(content.model?.name));
  const isVector = (values, length) =>
    Array.isArray(values) &&
    values.length === length &&
    values.every((one) => Number.isFinite(one) && Math.abs(one) < FARTHEST);
  const isPoint = (point) => isVector(point?.embedding, axes) && isVector(point?.scores, glosses);
  const isText = (value) => typeof value === "string" && value.length <= LONGEST;
  const isWord = (word) =>
    [word?.gloss, word?.transliteration, word?.english].every(isText) &&
    plain(word.gloss) &&
    Array.isArray(word.points) &&
    word.points.length > 0 &&
    word.points.every(isPoint);
  if (!Array.isArray(content.words) || !content.words.every(isWord))
    throw new Problem("damagedLessons");
  const words = content.words.map((word) => ({
    ...wordOf(word),
    points: word.points.map(({ embedding, scores }) => ({ embedding, scores })),
  }));
  return joined([], words);
}
