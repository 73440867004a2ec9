// A trial of what "Make it yours" has brought: each sign is named twice, by the model as it
// came and with what the visitor showed it.

export const TRIES = 5; // words asked for in a row

/** Choose words spread over a list; the next trial begins with those left out before. */
export function choose(words, count, trial) {
  const shown = Math.min(count, words.length);
  const step = words.length / shown;
  return Array.from({ length: shown }, (_, index) => {
    const place = Math.floor(index * step) + trial;
    return words[place % words.length];
  });
}

export class Trial {
  #asked = [];
  /** {gloss, before, now}: whether the first guess was right. */
  results = [];
  #trials = 0;

  /** Begin to ask for some of the words; the results before still count. */
  begin(words) {
    this.#asked = choose(words, TRIES, this.#trials);
    this.#trials += 1;
  }

  /** The word that is to be signed now; null at the end. */
  get word() {
    return this.#asked[0] ?? null;
  }

  /** How many words are still to be signed. */
  get left() {
    return this.#asked.length;
  }

  /** Take a clip (see SeenClip) of the word that is asked for, and give the result. */
  take({ ownPredictions, predictions }) {
    const { gloss } = this.#asked.shift();
    const guess = predictions[0]?.gloss;
    const before = ownPredictions[0]?.gloss === gloss;
    const result = { gloss, guess, before, now: guess === gloss };
    this.results.push(result);
    return result;
  }

  /** Do without the word that is asked for. */
  skip() {
    this.#asked.shift();
  }

  /** How many first guesses were right: of all, before and now. */
  get score() {
    const count = (key) => this.results.filter((result) => result[key]).length;
    return { all: this.results.length, before: count("before"), now: count("now") };
  }
}
