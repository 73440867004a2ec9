// The welcome card's live sign: a figure that signs everyday words, with the word beneath it.
import { Player } from "../engine/index.js";
import { FIRST, inOrder } from "../teach/plan.js";
import { make, makeGloss, meaningOf } from "../text/gloss.js";
import { onLanguage, t } from "../text/i18n.js";
import { showPlaying } from "./playbutton.js";

const $ = (id) => document.getElementById(id);
const TIMES = 2; // each word is signed so often
const REST = 1.1; // seconds from the last time's end to the next word: in the Player's pause

export class LiveSign {
  #model;
  #player;
  #isWanted = false;
  #isInSight = false;
  #signs = []; // {word, motion}
  #index = 0;
  #timer = 0;

  /** @param {Model} model */
  constructor(model) {
    this.#model = model;
    this.#player = new Player($("sign-figure"), model.skeleton);
    this.#player.isMirrored = true; // like the visitor's own picture, which comes in its place
    $("sign-next").addEventListener("click", () => this.#next());
    $("sign-play").addEventListener("click", () => this.#play(!this.#player.isPlaying));
    onLanguage(() => this.#translate());
    // It is told only after the card is painted, so the figure delays nothing.
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.#isInSight = isIntersecting;
      this.#follow();
    }).observe($("live-sign"));
  }

  /** Show a sign, wherever the card is in sight, or the icon alone. */
  want(isWanted) {
    this.#isWanted = isWanted;
    $("live-sign").classList.toggle("wanted", isWanted);
    if (!isWanted) this.#show(false);
    this.#follow();
  }

  async #follow() {
    this.#stop();
    if (!this.#isShown) return;
    this.#signs = await this.#load().catch(() => []);
    if (this.#isShown && this.#signs.length) this.#start();
  }

  get #isShown() {
    return this.#isWanted && this.#isInSight;
  }

  /** Give the first everyday words that have a motion. */
  async #load() {
    const words = inOrder(this.#model.words).slice(0, FIRST);
    const motions = await Promise.all(words.map(({ gloss }) => this.#model.motion(gloss)));
    const signs = words.map((word, index) => ({ word, motion: motions[index] }));
    return signs.filter(({ motion }) => motion);
  }

  #show(hasSign) {
    $("welcome-icon").toggleAttribute("hidden", hasSign);
    $("sign-next").hidden = $("sign-play").hidden = !hasSign;
  }

  #start() {
    this.#show(true);
    this.#index %= this.#signs.length;
    this.#translate();
    this.#player.show(this.#signs[this.#index].motion);
    this.#wait();
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#player.stop();
  }

  /** Let the next word follow, unless the figure is still. */
  #wait() {
    clearTimeout(this.#timer);
    if (!this.#player.isPlaying) return;
    const { frames, fps } = this.#signs[this.#index].motion;
    const seconds = (TIMES * (frames.length - 1)) / fps + REST;
    this.#timer = setTimeout(() => this.#next(), 1000 * seconds);
  }

  #next() {
    this.#index += 1;
    this.#start();
  }

  #play(isPlaying) {
    this.#player.isPlaying = isPlaying;
    this.#translate();
    this.#wait();
  }

  #translate() {
    showPlaying($("sign-play"), this.#player.isPlaying);
    const { word } = this.#signs[this.#index] ?? {};
    if (!word) return;
    const meaning = make("span", "note", meaningOf(word), "en");
    $("sign-word").replaceChildren(makeGloss(word), meaning);
    $("sign-figure").setAttribute("aria-label", t("motionAlt", word.gloss));
  }
}
