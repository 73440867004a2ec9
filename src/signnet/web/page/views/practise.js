// Practising a word beside the stage: the figure, the verdict, the next word.
import { Player } from "../engine/index.js";
import { addressOf, meaningOf, showGloss } from "../text/gloss.js";
import { number, onLanguage, t } from "../text/i18n.js";
import { showPlaying } from "./playbutton.js";
import { doubtOf, judge } from "./verdict.js";

const $ = (id) => document.getElementById(id);
const TEXTS = { right: "right", other: "otherWord", unseen: "notSeen" };

export class Practise {
  #model;
  #player;
  #metrics;
  #teaching;
  #word = null;
  #attempts = { all: 0, right: 0 };
  #last = null; // {verdict, gloss} of what judge gave last
  #clip = null; // of that sign, see SeenClip
  #says = () => "";

  /**
   * @param {Model} model
   * @param {{remember: (word: Object, clip: Object) => Promise<void>,
   *   isShown: (word: Object) => boolean, explain: (error: Error) => string}|null} teaching
   *   teaches a clip of a word, tells whether one was taught, says why it could not be;
   *   null where nothing can be taught
   */
  constructor(model, teaching) {
    this.#model = model;
    this.#metrics = model.card.metrics ?? {};
    this.#teaching = teaching;
    this.#player = new Player($("practise-figure"), model.skeleton);
    this.#player.isMirrored = true; // like the learner's own picture beside it
    for (const id of ["practise-figure", "practise-play"])
      $(id).addEventListener("click", () => this.#play(!this.#player.isPlaying));
    $("practise-remember").addEventListener("click", () => this.#remember());
    onLanguage(() => this.#translate());
  }

  /** Begin to practise a word. */
  async show(word) {
    this.#word = word;
    this.#attempts = { all: 0, right: 0 };
    this.#last = this.#clip = null;
    this.#says = () => "";
    this.#translate();
    const motion = await this.#model.motion(word.gloss).catch(() => null);
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
    const judged = this.#index < 0 ? null : judge(event, this.#word.gloss, this.#metrics);
    if (!judged) return;
    this.#clip = this.#model.clipOf(event);
    this.#says = () => "";
    this.#last = judged;
    this.#attempts.all += 1;
    if (judged.verdict === "right") this.#attempts.right += 1;
    this.#translate();
  }

  /** Keep the clip that was shown last as the visitor's way to sign the word. */
  async #remember() {
    const [word, clip] = [this.#word, this.#clip];
    if (!clip) return;
    this.#last = this.#clip = null; // once is enough
    this.#says = () => t("teachWorking");
    this.#translate();
    $("practise-says").focus({ preventScroll: true });
    try {
      await this.#teaching.remember(word, clip);
      this.#says = () => t("check.remembered");
    } catch (error) {
      this.#says = () => this.#teaching.explain(error);
    }
    this.#translate();
  }

  /** Where the word is in the vocabulary, which teaching may change; -1 if nowhere. */
  get #index() {
    return this.#model.vocabulary.indexOf(this.#word?.gloss);
  }

  #translate() {
    const word = this.#word;
    this.#play(this.#player.isPlaying);
    if (!word) return;
    showGloss($("practise-title"), word.gloss);
    $("practise-gist").textContent = meaningOf(word);
    $("practise-figure").setAttribute("aria-label", t("motionAlt", word.gloss));
    $("practise-back").href = addressOf(word);
    const { words } = this.#model;
    const next = words[(this.#index + 1) % words.length] ?? word;
    $("practise-next").href = addressOf(next, "practise");
    this.#showVerdict();
  }

  #showVerdict() {
    const { verdict, gloss } = this.#last ?? {};
    const text = verdict ? t(TEXTS[verdict], gloss) : t("practiseTry");
    $("verdict").dataset.is = verdict ?? "";
    $("verdict").textContent = text;
    $("otherwise").hidden = !this.#teaching || !verdict || verdict === "right";
    $("practise-remember").hidden = !this.#clip;
    $("practise-says").textContent = this.#says();
    const isShown = this.#teaching?.isShown(this.#word) ?? false;
    $("practise-doubt").textContent = doubtOf(this.#metrics, isShown);
    const { all, right } = this.#attempts;
    $("score").textContent = all ? t("score", number(right), number(all)) : "";
  }
}
