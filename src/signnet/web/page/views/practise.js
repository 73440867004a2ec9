// Practising a word beside the stage: the figure, the verdict, the next word.
import { Player } from "../figure/player.js";
import { addressOf, meaningOf, showGloss } from "../text/gloss.js";
import { number, onLanguage, t } from "../text/i18n.js";

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
  #loadMotions;
  #player;
  #index = -1; // of the word that is practised
  #attempts = { all: 0, right: 0 };
  #last = null; // what judge gave last

  /**
   * @param {Object[]} words in the order of the vocabulary
   * @param {() => Promise<Map>} loadMotions see figure/motions.js
   * @param {Object} skeleton the content of skeleton.json
   */
  constructor(words, loadMotions, skeleton) {
    this.#words = words;
    this.#loadMotions = loadMotions;
    this.#player = new Player($("practise-figure"), skeleton);
    this.#player.isMirrored = true; // like the learner's own picture beside it
    $("practise-figure").addEventListener("click", () => {
      this.#player.isPlaying = !this.#player.isPlaying;
    });
    onLanguage(() => this.#translate());
  }

  /** Begin to practise a word. */
  async show(word) {
    this.#index = this.#words.indexOf(word);
    this.#attempts = { all: 0, right: 0 };
    this.#last = null;
    this.#translate();
    const motion = (await this.#loadMotions()).get(word.gloss) ?? null;
    if (this.#words[this.#index] !== word) return;
    $("practise-figure").hidden = motion === null;
    this.#player.show(motion);
  }

  leave() {
    this.#player.stop();
    this.#index = -1;
  }

  /** Take an event of the stream. */
  onEvent(event) {
    const judged = this.#index < 0 ? null : judge(event, this.#index);
    if (!judged) return;
    this.#last = judged;
    this.#attempts.all += 1;
    if (judged.verdict === "right") this.#attempts.right += 1;
    this.#translate();
  }

  #translate() {
    const word = this.#words[this.#index];
    if (!word) return;
    showGloss($("practise-title"), word.gloss);
    $("practise-gist").textContent = meaningOf(word);
    $("practise-figure").setAttribute("aria-label", t("motionAlt", word.gloss));
    $("practise-back").href = addressOf(word);
    const next = this.#words[(this.#index + 1) % this.#words.length];
    $("practise-next").href = addressOf(next, "practise");
    this.#showVerdict();
  }

  #showVerdict() {
    const { verdict, index } = this.#last ?? {};
    const text = verdict ? t(TEXTS[verdict], this.#words[index]?.gloss) : t("practiseTry");
    $("verdict").dataset.is = verdict ?? "";
    $("verdict").textContent = text;
    const { all, right } = this.#attempts;
    $("score").textContent = all ? t("score", number(right), number(all)) : "";
  }
}
