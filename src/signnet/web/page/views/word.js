// A word's page: a figure that signs it, and links to practise and teach it.
import { Player } from "../engine/index.js";
import { addressOf, languageOf, meaningOf, showGloss } from "../text/gloss.js";
import { onLanguage, t } from "../text/i18n.js";
import { showPlaying } from "./playbutton.js";

const $ = (id) => document.getElementById(id);

/** Give the text below a figure: a motion, null for none, undefined if loading failed. */
function noteOf(motion) {
  if (motion === undefined) return "motionMissing";
  if (motion === null) return "motionNone";
  return motion.isClip ? "motionTaught" : "motionNote";
}

export class WordPage {
  #model;
  #player;
  #word = null;
  #note = null; // while the figure is looked for

  /** @param {Model} model */
  constructor(model) {
    this.#model = model;
    this.#player = new Player($("word-figure"), model.skeleton);
    $("motion-play").addEventListener("click", () => this.#play(!this.#player.isPlaying));
    $("motion-slow").addEventListener("click", () => this.#slow(this.#player.speed === 1));
    $("motion-mirror").addEventListener("click", () => this.#mirror(!this.#player.isMirrored));
    onLanguage(() => this.#translate());
  }

  /** Show a word and play its motion, if it has one. */
  async show(word) {
    this.#word = word;
    this.#note = null;
    this.#translate();
    const motion = await this.#model.motion(word.gloss).catch(() => undefined);
    if (this.#word !== word) return;
    $("figure-card").hidden = !motion;
    this.#note = noteOf(motion);
    this.#showNote();
    this.#player.show(motion ?? null);
  }

  leave() {
    this.#player.stop();
    this.#word = null;
  }

  #play(isPlaying) {
    this.#player.isPlaying = isPlaying;
    showPlaying($("motion-play"), isPlaying);
  }

  #slow(isSlow) {
    this.#player.speed = isSlow ? 0.5 : 1;
    $("motion-slow").setAttribute("aria-pressed", isSlow);
  }

  #mirror(isMirrored) {
    this.#player.isMirrored = isMirrored;
    $("motion-mirror").setAttribute("aria-pressed", isMirrored);
  }

  #translate() {
    this.#play(this.#player.isPlaying);
    if (!this.#word) return;
    showGloss($("word-title"), this.#word.gloss);
    $("word-gist").textContent = meaningOf(this.#word);
    $("word-figure").setAttribute("aria-label", t("motionAlt", this.#word.gloss));
    $("word-teach").href = addressOf(this.#word, "teach");
    $("word-practise").href = addressOf(this.#word, "practise");
    this.#showNote();
    this.#linkNeighbours(this.#model.vocabulary.indexOf(this.#word.gloss));
  }

  #showNote() {
    $("motion-note").textContent = this.#note ? t(this.#note) : "";
  }

  #linkNeighbours(index) {
    const count = this.#model.words.length;
    if (index < 0) return; // it was forgotten in another window
    this.#link($("word-before"), (index - 1 + count) % count, (gloss) => `← ${gloss}`);
    this.#link($("word-after"), (index + 1) % count, (gloss) => `${gloss} →`);
  }

  #link(element, index, label) {
    const word = this.#model.words[index];
    element.href = addressOf(word);
    element.textContent = label(word.gloss);
    element.lang = languageOf(word.gloss);
  }
}
