// The card beside the stage: what was recognised, how to mend it, and the transcript.
import { makeGloss } from "../text/gloss.js";
import { percent, t } from "../text/i18n.js";
import { hush, speak } from "../text/speech.js";
import { Correction } from "./correction.js";
import { showChoice, showMessage, showNothing, showPredictions, showWord } from "./recognised.js";
import { Transcript } from "./transcript.js";

const $ = (id) => document.getElementById(id);

export class Card {
  #words;
  #isSpeaking;
  #transcript;
  #correction = null; // of the sign that ended last
  #clip = null; // of that sign, see SeenClip
  #showLast = () => {};
  #says = () => "";
  /** Teaches a clip of a word; null where nothing can be taught. */
  remember = null;
  /** Says in one line why a clip could not be taught. */
  explain = String;

  /**
   * @param {Object[]} words the vocabulary, with readings and meanings
   * @param {() => boolean} isSpeaking tells whether words are read aloud
   */
  constructor(words, isSpeaking) {
    this.#words = words;
    this.#isSpeaking = isSpeaking;
    const buttons = [$("copy"), $("clear")];
    this.#transcript = new Transcript($("transcript"), $("transcript-empty"), buttons);
    $("guesses").addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.#choose(button.dataset.gloss);
    });
    $("remember").addEventListener("click", () => this.#remember());
    this.showNothing();
  }

  /**
   * Take an event of the stream.
   *
   * @param {SignEvent} event
   * @param {Object|null} clip the recorded clip of a sign that has ended
   */
  show(event, clip) {
    const { kind, gloss, predictions } = event;
    const isFinal = kind === "sign" || kind === "unsure";
    const wordOf = (one) => this.#wordOf(one);
    if (isFinal || kind === "guess") showPredictions($("guesses"), predictions, wordOf, isFinal);
    if (kind === "start" || kind === "guess") this.#forgetSign();
    if (kind === "sign") this.#showSign(event);
    if (kind === "unsure") this.#showUnsure(event);
    if (!isFinal) return;
    const word = kind === "sign" ? this.#wordOf(gloss) : null;
    this.#correction = new Correction(this.#transcript, word);
    this.#clip = clip;
    this.#offer();
  }

  /** Give the word of a gloss, with its reading and meaning. */
  #wordOf(wanted) {
    return this.#words.find(({ gloss }) => gloss === wanted) ?? { gloss: wanted };
  }

  #showSign({ gloss, probability }) {
    this.#showWord(this.#wordOf(gloss), () => percent(probability));
  }

  #showWord(word, note) {
    this.#show(() => showWord($("now"), word, note()));
    $("subtitle").replaceChildren(makeGloss(word));
    if (this.#isSpeaking()) speak(word.gloss);
  }

  #showUnsure({ predictions }) {
    if (!predictions.length) return this.showNothing();
    const [{ gloss }] = predictions;
    this.#show(() => showMessage($("now"), t("unsure"), t("unsureMore", gloss)));
  }

  /** The sign was another word: mend the transcript, and offer to remember the clip. */
  #choose(gloss) {
    if (!this.#correction) return;
    const word = this.#wordOf(gloss);
    hush();
    this.#correction.choose(word);
    this.#showWord(word, () => t("corrected"));
    this.#offer();
  }

  /** Show which guess is taken, and what can be done. */
  #offer() {
    const { chosen, isCorrected } = this.#correction ?? {};
    showChoice($("guesses"), this.#correction ? chosen : undefined);
    $("choose-note").hidden = !this.#correction || !$("guesses").children.length;
    $("remember-row").hidden = !isCorrected || !this.#clip || !this.remember;
    this.#say(() => "");
  }

  async #remember() {
    const word = this.#wordOf(this.#correction.chosen);
    const clip = this.#clip;
    this.#clip = null; // once is enough
    $("remember-row").hidden = true;
    this.#say(() => t("teachWorking"));
    $("remember-says").focus({ preventScroll: true });
    try {
      await this.remember(word, clip);
      this.#say(() => t("remembered", word.gloss));
    } catch (error) {
      this.#say(() => this.explain(error));
    }
  }

  #say(text) {
    this.#says = text;
    $("remember-says").textContent = text();
  }

  /** Let go of the sign that ended last. */
  #forgetSign() {
    this.#correction = this.#clip = null;
    $("subtitle").replaceChildren();
    this.#offer();
  }

  /** Say that a film has ended, unless a word or a guess says more. */
  endFilm(hasSign) {
    if (!hasSign && this.#words.length && !$("guesses").children.length)
      this.#show(() => showMessage($("now"), t("filmNothing"), t("filmEnd")));
  }

  showNothing() {
    $("guesses").replaceChildren();
    this.#forgetSign();
    this.#show(() => showNothing($("now"), this.#words.length));
  }

  clear() {
    this.#transcript.clear();
    this.showNothing();
  }

  get hasTranscript() {
    return !this.#transcript.isEmpty;
  }

  copy() {
    this.#transcript.copy($("copy").firstElementChild);
  }

  /** Show something, and again when the language changes. */
  #show(show) {
    this.#showLast = show;
    show();
  }

  translate() {
    this.#showLast();
    this.#say(this.#says);
  }
}
