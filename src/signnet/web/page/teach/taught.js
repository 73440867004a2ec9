// The words taught on this device: stored in the browser, and taught to the recogniser.
//
// A clip's numbers hold only for the very model that they were recorded with.
import { Problem } from "../browser/problem.js";
import { attempt, merge, read, rounded, write } from "./exchange.js";

const LARGEST_FILE = 8e6; // bytes
const MOST_CLIPS = 500; // the time that teaching takes grows with their cube

export class TaughtWords {
  #model;
  #modelGlosses;
  #vocabulary;
  #teach;
  #words = [];
  #listeners = [];
  /** Whether the last change will outlast this visit. */
  isStored = true;

  /**
   * @param {{name: string, sha256: string, axes: number}} model `axes` is the length of an
   *   embedding
   * @param {{gloss: string}[]} vocabulary the model's words; new ones are added at its end
   * @param {(points: Object[], glossCount: number) => Promise<void>} teach see Engine.teach;
   *   if it fails, the change is not made
   */
  constructor(model, vocabulary, teach) {
    this.#model = model;
    this.#modelGlosses = vocabulary.length;
    this.#vocabulary = vocabulary;
    this.#teach = teach;
    addEventListener("storage", ({ key }) => key === this.#key && this.load());
  }

  /** The taught words: {gloss, transliteration, english, points}; see exchange.js. */
  get words() {
    return this.#words;
  }

  /** Call a function now and whenever the taught words change. */
  onChange(listener) {
    this.#listeners.push(listener);
    listener();
  }

  get #keyPrefix() {
    return `signnet taught ${new URL(".", document.baseURI).pathname} `;
  }

  get #key() {
    return this.#keyPrefix + this.#model.sha256.slice(0, 12);
  }

  /** Load what an earlier visit stored. */
  async load() {
    const text = attempt(() => localStorage.getItem(this.#key));
    const words = text && attempt(() => read(text, this.#model, this.#modelGlosses));
    await this.#replace(words || []);
  }

  /** Glosses that were taught to another model of this page and cannot be used. */
  get stranded() {
    const keys = attempt(() => Object.keys(localStorage)) ?? [];
    const others = keys.filter((key) => key.startsWith(this.#keyPrefix) && key !== this.#key);
    const stored = (key) => attempt(() => JSON.parse(localStorage.getItem(key)).words) ?? [];
    const glosses = others.flatMap(stored).map(({ gloss }) => String(gloss));
    const current = new Set(this.#words.map(({ gloss }) => gloss));
    return [...new Set(glosses)].filter((gloss) => !current.has(gloss));
  }

  /**
   * Teach clips of a word, in addition to those taught before.
   *
   * @param {{gloss: string, transliteration: string, english: string}} word
   * @param {{embedding: number[], scores: number[]}[]} points one for each clip
   */
  add(word, points) {
    return this.#change(merge(this.#words, [{ ...word, points: points.map(rounded) }]));
  }

  forget(gloss) {
    return this.#change(this.#words.filter((word) => word.gloss !== gloss));
  }

  /** Go back to what `words` was before. */
  restore(words) {
    return this.#change(words);
  }

  /** Give everything as the text of one file. */
  exportText() {
    return write(this.#words, this.#model);
  }

  /** Add the words of a file and give their count; a Problem if it is not of this model. */
  async importFile(file) {
    if (file.size > LARGEST_FILE) throw new Problem("tooLarge");
    const words = read(await file.text(), this.#model, this.#modelGlosses);
    await this.#change(merge(this.#words, words));
    return words.length;
  }

  async #change(words) {
    const clips = words.reduce((sum, { points }) => sum + points.length, 0);
    if (clips > MOST_CLIPS) throw new Problem("tooMany");
    await this.#replace(words, () => {
      this.isStored =
        attempt(() => (localStorage.setItem(this.#key, this.exportText()), true)) ?? false;
    });
  }

  async #replace(words, store = () => {}) {
    const known = this.#vocabulary.slice(0, this.#modelGlosses);
    const isNew = ({ gloss }) => known.every((word) => word.gloss !== gloss);
    const fresh = words.filter(isNew);
    const vocabulary = [...known, ...fresh];
    const indices = new Map(vocabulary.map(({ gloss }, index) => [gloss, index]));
    const points = words.flatMap((word) =>
      word.points.map((point) => ({ ...point, index: indices.get(word.gloss) })),
    );
    await this.#teach(points, vocabulary.length);
    this.#words = words;
    this.#vocabulary.splice(this.#modelGlosses, Infinity, ...fresh);
    store();
    for (const listener of this.#listeners) listener();
  }
}
