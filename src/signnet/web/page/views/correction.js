// The sign that ended last, and what the signer says it was.

export class Correction {
  #transcript;
  #position = null; // of the sign's word in the transcript
  #recognised;
  /** Gloss of the word that stands for the sign; null while there is none. */
  chosen = null;

  /**
   * Write a recognised sign into the transcript; of an unsure one nothing is written yet.
   *
   * @param {{add: (word: Object) => number, replace: (position: number, word: Object) => void}}
   *   transcript
   * @param {{gloss: string}|null} word that was recognised; null for an unsure sign
   */
  constructor(transcript, word) {
    this.#transcript = transcript;
    this.#recognised = word?.gloss ?? null;
    if (word) this.choose(word);
  }

  /** Whether the signer chose another word than was recognised. */
  get isCorrected() {
    return this.chosen !== this.#recognised;
  }

  /** Let a word stand for the sign, in place of the one before. */
  choose(word) {
    if (this.#position === null) this.#position = this.#transcript.add(word);
    else if (word.gloss !== this.chosen) this.#transcript.replace(this.#position, word);
    this.chosen = word.gloss;
  }
}
