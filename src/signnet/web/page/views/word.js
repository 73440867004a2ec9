// A word's page: a figure that signs it, and the way to practise it.
import { onLanguage, t } from "../text/i18n.js";
import { Player } from "../figure/player.js";
import { gistOf } from "./result.js";
import { languageOf } from "./transcript.js";
import { addressOf } from "./words.js";

const $ = (id) => document.getElementById(id);
const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class WordPage {
  #words;
  #motions;
  #player;
  #word = null;

  /**
   * @param {Object[]} words in the order of the vocabulary
   * @param {() => Promise<Map>} motions loads the motions, once
   * @param {Object} skeleton
   */
  constructor(words, motions, skeleton) {
    this.#words = words;
    this.#motions = motions;
    this.#player = new Player($("word-figure"), skeleton);
    $("motion-play").addEventListener("click", () => this.#play(!this.#player.playing));
    $("motion-slow").addEventListener("click", () => this.#slow(this.#player.speed === 1));
    $("motion-mirror").addEventListener("click", () => this.#mirror(!this.#player.mirrored));
    this.#play(!isCalm());
    onLanguage(() => this.#translate());
  }

  async show(word) {
    this.#word = word;
    this.#translate();
    const motion = (await this.#motions()).get(word.gloss) ?? null;
    if (this.#word !== word) return;
    $("motion-controls").hidden = $("word-figure").hidden = motion === null;
    $("motion-note").textContent = t(motion ? "motionNote" : "motionNone");
    this.#player.show(motion);
  }

  leave() {
    this.#player.stop();
    this.#word = null;
  }

  #play(isPlaying) {
    this.#player.playing = isPlaying;
    $("motion-play").setAttribute("aria-pressed", isPlaying);
    $("motion-play")
      .querySelector("use")
      .setAttribute("href", isPlaying ? "#i-pause" : "#i-play");
    $("motion-play").querySelector("span").textContent = t(
      isPlaying ? "motionPause" : "motionPlay",
    );
  }

  #slow(isSlow) {
    this.#player.speed = isSlow ? 0.5 : 1;
    $("motion-slow").setAttribute("aria-pressed", isSlow);
  }

  #mirror(isMirrored) {
    this.#player.mirrored = isMirrored;
    $("motion-mirror").setAttribute("aria-pressed", isMirrored);
  }

  #translate() {
    this.#play(this.#player.playing);
    if (!this.#word) return;
    const { gloss } = this.#word;
    $("word-title").textContent = gloss;
    $("word-title").lang = languageOf(gloss);
    $("word-gist").textContent = gistOf(this.#word);
    $("word-figure").setAttribute("aria-label", t("motionAlt", gloss));
    $("word-teach").href = addressOf(this.#word, "teach");
    $("word-practise").href = addressOf(this.#word, "practise");
    $("motion-note").textContent = t($("word-figure").hidden ? "motionNone" : "motionNote");
    this.#neighbours(this.#words.indexOf(this.#word));
  }

  #neighbours(place) {
    const count = this.#words.length;
    [
      ["word-before", place - 1, "← "],
      ["word-after", place + 1, ""],
    ].forEach(([id, to, arrow]) => {
      const word = this.#words[(to + count) % count];
      $(id).href = addressOf(word);
      $(id).textContent = arrow ? `${arrow}${word.gloss}` : `${word.gloss} →`;
      $(id).lang = languageOf(word.gloss);
    });
  }
}
