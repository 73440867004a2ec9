// "Make it yours": in which order the words are asked for, and how far the visitor has come.
import { recall, remember } from "../parts/device.js";
import { fold } from "../text/sound.js";

export const FIRST = 10; // words that are asked for before the others

// What is said every day, in the order in which it is asked for.
const EVERYDAY = (
  "I, you, thank you, name, what, how, where, help, friend, to eat, water, yes, no, hello, " +
  "goodbye, want, like, drink, eat, who, good, bad, home, mother, father, time, work"
)
  .split(", ")
  .map(fold);

/** Order words: those of every day first, the others as they come. */
export function inOrder(words) {
  const rankOf = ({ gloss, english = "" }) => {
    const ranks = [gloss, english].map((text) => EVERYDAY.indexOf(fold(text)));
    return Math.min(...ranks.map((rank) => (rank < 0 ? Infinity : rank)));
  };
  const ranked = words.map((word) => [rankOf(word), word]);
  return ranked.sort(([one], [other]) => (one === other ? 0 : one - other)).map(([, word]) => word);
}

export class Plan {
  #words;
  #taught;
  #key;
  #same;
  #later = new Set(); // put off during this visit

  /**
   * @param {Object[]} words the model's own words, in the order of its outputs
   * @param {TaughtWords} taught a word with a clip in it counts as shown
   */
  constructor(words, taught) {
    this.#words = inOrder(words);
    this.#taught = taught;
    this.#key = taught.keyOf("yours");
    this.#same = new Set(this.#stored);
  }

  get #stored() {
    const stored = recall(this.#key);
    return Array.isArray(stored) ? stored : [];
  }

  /** The words in the order in which they are asked for. */
  get words() {
    return this.#words;
  }

  /** Tell whether a clip of the visitor's own is kept. */
  isShown(word) {
    return this.#taught.words.some(({ gloss }) => gloss === word.gloss);
  }

  /** Tell whether a word was shown, or is signed like the figure. */
  isDone(word) {
    return this.#same.has(word.gloss) || this.isShown(word);
  }

  get done() {
    return this.#words.filter((word) => this.isDone(word));
  }

  get isComplete() {
    return this.done.length === this.#words.length;
  }

  /** Whether the everyday words are done, or put off. */
  get isBegun() {
    const isSettled = (word) => this.isDone(word) || this.#later.has(word.gloss);
    return this.#words.slice(0, FIRST).every(isSettled);
  }

  /** Give the first word that is not done, those put off last; null if all are. */
  get next() {
    const places = [...this.#later];
    const placeOf = ({ gloss }) => places.indexOf(gloss);
    const open = this.#words.filter((word) => !this.isDone(word));
    return open.sort((one, other) => placeOf(one) - placeOf(other))[0] ?? null;
  }

  /** The visitor signs a word like the figure. */
  answerSame({ gloss }) {
    this.#same = new Set([...this.#same, ...this.#stored, gloss]); // of other windows, too
    remember(this.#key, [...this.#same]);
  }

  /** Ask for a word after all others. */
  putOff({ gloss }) {
    this.#later.delete(gloss); // and hence behind those put off before
    this.#later.add(gloss);
  }
}
