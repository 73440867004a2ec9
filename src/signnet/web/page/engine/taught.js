// What was taught: by the site's makers, and on this device, which the browser stores.
//
// A clip's numbers hold only for the very model that they were recorded with.
import { loadJson } from "../browser/loader.js";
import { Problem } from "../browser/problem.js";
import { motionOf } from "../figure/thinned.js";
import { attempt, read, readContent, write } from "./exchange.js";
import { combine, merge, without } from "./lesson.js";

const LARGEST_FILE = 8e6; // bytes
const MOST_CLIPS = 500; // the time that teaching takes grows with their cube
const NOTHING = { words: [], forgotten: [] };

/**
 * Load what the model's makers taught.
 *
 * @param {string|null} address of their file; null if there is none
 * @param {Object} model see `read` in exchange.js
 * @returns {Promise<{words: Object[], forgotten: string[]}>}
 * @throws {Problem} network, missing or damaged
 */
async function loadGiven(address, model) {
  if (!address) return NOTHING;
  const content = await loadJson(address);
  try {
    return readContent(content, model);
  } catch ({ code, message }) {
    throw new Problem("damaged", `${address}: ${code}: ${message}`);
  }
}

/** Open what was taught: kept in this browser beside the folder's, or all of it in memory. */
export async function openTaught({ card, sha256, taught: address }, words, engine, keep) {
  const axes = card.embedding.axes.reduce((sum, one) => sum + one, 0);
  const glosses = words.map(({ gloss }) => gloss);
  const model = { name: card.name, sha256, axes, glosses };
  const given = await loadGiven(address, model);
  const teach = (lesson) => engine.teach(lesson);
  const taught = new TaughtWords(model, words, keep ? given : NOTHING, teach, keep);
  if (keep) await taught.load();
  else await taught.restore(given);
  return taught;
}

export class TaughtWords {
  #model;
  #known;
  #given;
  #vocabulary;
  #teach;
  #isKept;
  #own = NOTHING;
  #listeners = [];
  #changing = Promise.resolve();
  /** Whether the last change will outlast this visit. */
  isStored = true;

  /**
   * @param {{name: string, sha256: string, axes: number, glosses: string[]}} model `axes` is
   *   the length of an embedding
   * @param {{gloss: string}[]} vocabulary the model's words; from now on those that are
   *   answered, in the order of the answers
   * @param {{words: Object[], forgotten: string[]}} given what belongs to the site
   * @param {(lesson: Object|null) => Promise<void>} teach see Engine.teach; if it fails, the
   *   change is not made
   * @param {boolean} [isKept] whether the browser stores what is taught
   */
  constructor(model, vocabulary, given, teach, isKept = true) {
    this.#model = model;
    this.#known = [...vocabulary];
    this.#given = given;
    this.#vocabulary = vocabulary;
    this.#teach = teach;
    this.#isKept = isKept;
    if (isKept) addEventListener("storage", ({ key }) => key === this.#key && this.#follow());
  }

  /** The words taught on this device; see `read` in exchange.js. */
  get words() {
    return this.#own.words;
  }

  /** The model's glosses that are not answered on this device. */
  get forgotten() {
    return this.#own.forgotten;
  }

  /** All of `words` and `forgotten`, for `restore` and `putBack`. */
  get state() {
    return this.#own;
  }

  /** How many words are answered without what was taught on this device. */
  get givenCount() {
    return combine(this.#known, [this.#given]).vocabulary.length;
  }

  /** Tell whether a word is known on this device only. */
  isNew(gloss) {
    return [...this.#known, ...this.#given.words].every((word) => word.gloss !== gloss);
  }

  /** Give all clips of a word, those of the site first. */
  clipsOf(gloss) {
    const all = [...this.#given.words, ...this.words];
    return all.filter((word) => word.gloss === gloss).flatMap(({ clips }) => clips);
  }

  /** Give the motion of a word's first clip that has one, or null; see Player.show. */
  motionOf(gloss) {
    const skeleton = this.clipsOf(gloss).find((clip) => clip.skeleton)?.skeleton;
    return skeleton ? motionOf(skeleton) : null;
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
    return `${this.#keyPrefix}2 ${this.#model.sha256.slice(0, 12)}`;
  }

  /** Give the key under which something else about the taught words is stored. */
  keyOf(what) {
    return this.#key.replace("taught", what);
  }

  /** Load what an earlier visit stored. */
  load() {
    return this.#inTurn(() => this.#replace(this.#stored ?? NOTHING));
  }

  /** Load what another window has stored, unless this one fails; then its words stay. */
  #follow() {
    this.load().catch(() => {});
  }

  /** What this window or another one stored last; null for nothing that can be read. */
  get #stored() {
    const text = attempt(() => localStorage.getItem(this.#key));
    return text && attempt(() => read(text, this.#model));
  }

  /** Glosses that were taught to another model, or to an earlier page, and cannot be used. */
  get stranded() {
    const keys = attempt(() => Object.keys(localStorage)) ?? [];
    const others = keys.filter((key) => key.startsWith(this.#keyPrefix) && key !== this.#key);
    const stored = (key) => attempt(() => JSON.parse(localStorage.getItem(key)).words) ?? [];
    const glosses = others.flatMap(stored).map((word) => String(word?.gloss ?? ""));
    const current = new Set(this.words.map(({ gloss }) => gloss));
    return [...new Set(glosses)].filter((gloss) => gloss && !current.has(gloss));
  }

  /**
   * Teach clips of a word, in addition to those taught before.
   *
   * @param {{gloss: string, transliteration: string, english: string}} word
   * @param {Object[]} clips see `clipOf` in lesson.js
   */
  add(word, clips) {
    return this.#change(({ words }) => ({ words: merge(words, [{ ...word, clips }]) }));
  }

  /** Forget what was taught of a word on this device. */
  forget(gloss) {
    return this.#change(({ words }) => ({ words: words.filter((word) => word.gloss !== gloss) }));
  }

  /** Answer a gloss of the model no longer. */
  drop(gloss) {
    return this.#change(({ forgotten }) => ({ forgotten: [...forgotten, gloss] }));
  }

  /** Answer a gloss of the model again that a file had forgotten. */
  remember(gloss) {
    return this.#change(({ forgotten }) => ({
      forgotten: forgotten.filter((one) => one !== gloss),
    }));
  }

  /** Go back to what `state` was before. */
  restore(state) {
    return this.#change(() => state);
  }

  /** Give a gloss back what it had in an earlier `state`; other words stay as they are. */
  putBack(gloss, state) {
    const isIt = (word) => word.gloss === gloss;
    return this.#change(({ words, forgotten }) => ({
      words: [...words.filter((word) => !isIt(word)), ...state.words.filter(isIt)],
      forgotten: [
        ...forgotten.filter((one) => one !== gloss),
        ...state.forgotten.filter((one) => one === gloss),
      ],
    }));
  }

  /** Give everything that was taught on this device as the text of one file. */
  exportText() {
    return write(this.#own, this.#model);
  }

  /** Add what a file says and give the count of its words; a Problem if it cannot be used. */
  async importFile(file) {
    if (file.size > LARGEST_FILE) throw new Problem("tooLarge");
    const { words, forgotten } = read(await file.text(), this.#model);
    const fresh = without(words, this.#given.words);
    await this.#change((own) => ({
      words: merge(own.words, fresh),
      forgotten: [...new Set([...own.forgotten, ...forgotten])],
    }));
    return words.length;
  }

  /** Change what is taught, after the changes that are under way. */
  #change(make) {
    return this.#inTurn(() => {
      const own = this.#latest;
      return this.#changeTo({ ...own, ...make(own) });
    });
  }

  #inTurn(run) {
    const changed = this.#changing.then(run);
    this.#changing = changed.catch(() => {});
    return changed;
  }

  /** What is taught now, with what another window has added unheard. */
  get #latest() {
    return (this.#isKept && this.isStored && this.#stored) || this.#own;
  }

  async #changeTo({ words, forgotten }) {
    const clips = words.reduce((sum, word) => sum + word.clips.length, 0);
    if (clips > MOST_CLIPS) throw new Problem("tooMany");
    const taught = new Set(words.map(({ gloss }) => gloss)); // and hence answered again
    const own = { words, forgotten: forgotten.filter((gloss) => !taught.has(gloss)) };
    await this.#replace(own, () => {
      if (!this.#isKept) return;
      this.isStored =
        attempt(() => (localStorage.setItem(this.#key, this.exportText()), true)) ?? false;
    });
  }

  async #replace(own, store = () => {}) {
    const { vocabulary, lesson } = combine(this.#known, [this.#given, own]);
    await this.#teach(lesson);
    this.#own = own;
    this.#vocabulary.splice(0, Infinity, ...vocabulary);
    store();
    for (const listener of this.#listeners) listener();
  }
}
