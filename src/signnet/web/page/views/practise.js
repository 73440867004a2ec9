// Practising a word beside the stage: the figure, the verdict, the next word.
import { number, onLanguage, t } from "../text/i18n.js";
import { Player } from "../figure/player.js";
import { judge, Score } from "./verdict.js";
import { gistOf } from "./result.js";
import { languageOf } from "./transcript.js";
import { addressOf } from "./words.js";

const $ = (id) => document.getElementById(id);
const VERDICTS = { right: "right", near: "near", other: "otherWord", unseen: "notSeen" };

export class Practise {
  #words;
  #motions;
  #player;
  #place = -1;
  #score = new Score();
  #last = null;

  constructor(words, motions, skeleton) {
    this.#words = words;
    this.#motions = motions;
    this.#player = new Player($("practise-figure"), skeleton);
    this.#player.mirrored = true; // like the learner's own picture beside it
    this.#player.playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    $("practise-figure").addEventListener(
      "click",
      () => (this.#player.playing = !this.#player.playing),
    );
    onLanguage(() => this.#translate());
  }

  async show(word) {
    this.#place = this.#words.indexOf(word);
    this.#score = new Score();
    this.#last = null;
    this.#translate();
    const motion = (await this.#motions()).get(word.gloss) ?? null;
    if (this.#words[this.#place] !== word) return;
    $("practise-figure").hidden = motion === null;
    this.#player.show(motion);
  }

  leave() {
    this.#player.stop();
    this.#place = -1;
  }

  /** Hear an event of the streaming recogniser. */
  hear(event) {
    const judged = this.#place < 0 ? null : judge(event, this.#place);
    if (!judged) return;
    this.#last = judged;
    this.#score.add(judged.verdict);
    this.#translate();
  }

  #translate() {
    const word = this.#words[this.#place];
    if (!word) return;
    $("practise-title").textContent = word.gloss;
    $("practise-title").lang = languageOf(word.gloss);
    $("practise-gist").textContent = gistOf(word);
    $("practise-figure").setAttribute("aria-label", t("motionAlt", word.gloss));
    $("practise-back").href = addressOf(word);
    $("practise-next").href = addressOf(
      this.#words[(this.#place + 1) % this.#words.length],
      "practise",
    );
    this.#tell();
  }

  #tell() {
    $("verdict").dataset.is = this.#last?.verdict ?? "";
    const heard = this.#last && this.#words[this.#last.index];
    $("verdict").textContent = this.#last
      ? t(VERDICTS[this.#last.verdict], heard?.gloss)
      : t("practiseTry");
    const { right, tries } = this.#score;
    $("score").textContent = tries ? t("score", number(right), number(tries)) : "";
  }
}
