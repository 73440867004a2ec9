// Practising a word beside the stage: the figure, the verdict, the next word.
import { Player } from "../figure/player.js";
import { addressOf, meaningOf, showGloss } from "../text/gloss.js";
import { number, onLanguage, t } from "../text/i18n.js";
import { showPlaying } from "./playbutton.js";

const $ = (id) => document.getElementById(id);
const TEXTS = { right: "right", near: "near", other: "otherWord", unseen: "notSeen" };

/**
 * Judge an event of the stream.
 *
 * @param {{kind: string, index?: number, predictions?: {index: number}[]}} event
 * @param {number} wanted index of the word that is practised
 * @returns {{verdict: "right"|"near"|"other"|"unseen", index: number}|null} `index` of the
 *   word that was recognised or is most likely; null if no sign has ended
 */
export function judge(event, wanted) {
  if (event.kind !== "sign" && event.kind !== "unsure") return null;
  const ranked = event.predictions.map(({ index }) => index);
  if (event.kind === "sign" && event.index === wanted) return { verdict: "right", index: wanted };
  const likeliest = ranked.find((index) => index !== wanted);
  if (ranked.includes(wanted)) return { verdict: "near", index: likeliest };
  return { verdict: event.kind === "sign" ? "other" : "unseen", index: event.index ?? likeliest };
}

export class Practise {
  #words;
  #findMotion;
  #player;
  #word = null;
  #canTeach;
  #attempts = { all: 0, right: 0 };
  #last = null; // {verdict, gloss} of what judge gave last

  /**
   * @param {Object[]} words in the order of the vocabulary
   * @param {(word: Object) => Promise<Object|null>} findMotion gives what Player.show takes
   * @param {Object} skeleton the content of skeleton.json
   * @param {boolean} canTeach whether another way of signing a word can be taught
   */
  constructor(words, findMotion, skeleton, canTeach) {
    this.#words = words;
    this.#findMotion = findMotion;
    this.#canTeach = canTeach;
    this.#player = new Player($("practise-figure"), skeleton);
    this.#player.isMirrored = true; // like the learner's own picture beside it
    for (const id of ["practise-figure", "practise-play"])
      $(id).addEventListener("click", () => this.#play(!this.#player.isPlaying));
    onLanguage(() => this.#translate());
  }

  /** Begin to practise a word. */
  async show(word) {
    this.#word = word;
    this.#attempts = { all: 0, right: 0 };
    this.#last = null;
    this.#translate();
    const motion = await this.#findMotion(word).catch(() => null);
    if (this.#word !== word) return;
    $("practise-motion").hidden = motion === null;
    this.#player.show(motion);
  }

  leave() {
    this.#player.stop();
    this.#word = null;
  }

  #play(isPlaying) {
    this.#player.isPlaying = isPlaying;
    showPlaying($("practise-play"), isPlaying);
  }

  /** Take an event of the stream. */
  onEvent(event) {
    const index = this.#index;
    const judged = index < 0 ? null : judge(event, index);
    if (!judged) return;
    this.#last = { verdict: judged.verdict, gloss: this.#words[judged.index]?.gloss };
    this.#attempts.all += 1;
    if (judged.verdict === "right") this.#attempts.right += 1;
    this.#translate();
  }

  /** Where the word is in the vocabulary, which teaching may change; -1 if nowhere. */
  get #index() {
    return this.#words.findIndex(({ gloss }) => gloss === this.#word?.gloss);
  }

  #translate() {
    const word = this.#word;
    this.#play(this.#player.isPlaying);
    if (!word) return;
    $("practise-teach").href = addressOf(word, "teach");
    showGloss($("practise-title"), word.gloss);
    $("practise-gist").textContent = meaningOf(word);
    $("practise-figure").setAttribute("aria-label", t("motionAlt", word.gloss));
    $("practise-back").href = addressOf(word);
    const next = this.#words[(this.#index + 1) % this.#words.length] ?? word;
    $("practise-next").href = addressOf(next, "practise");
    this.#showVerdict();
  }

  #showVerdict() {
    const { verdict, gloss } = this.#last ?? {};
    const text = verdict ? t(TEXTS[verdict], gloss) : t("practiseTry");
    $("verdict").dataset.is = verdict ?? "";
    $("verdict").textContent = text;
    $("otherwise").hidden = !this.#canTeach || !verdict || verdict === "right";
    const { all, right } = this.#attempts;
    $("score").textContent = all ? t("score", number(right), number(all)) : "";
  }
}
