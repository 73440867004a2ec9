// The card of "Make it yours": facts, the word with its figure, messages and buttons.
import { Player } from "../engine/index.js";
import { meaningOf, showGloss } from "../text/gloss.js";
import { number, t } from "../text/i18n.js";
import { showFacts } from "./facts.js";
import { showPlaying } from "./playbutton.js";

const $ = (id) => document.getElementById(id);

// What can be done in each step, and its parts; a step that is calm needs no camera.
const STEPS = {
  intro: { isCalm: true, buttons: ["goOn", "try"] },
  ask: { isCalm: true, hasWord: true, buttons: ["same", "otherwise", "later"] },
  record: { hasWord: true, buttons: ["stop"] },
  kept: { hasWord: true, buttons: ["next", "again"] },
  pause: { isCalm: true, buttons: ["try", "goOn", "live"] },
  try: { buttons: ["skip", "stop"] },
  result: { isCalm: true, buttons: ["goOn", "try", "live"] },
};

export class YoursCard {
  #plan;
  #facts;
  #player;

  /**
   * @param {{plan: Plan, model: Model}} page
   * @param {(name: string) => void} act does what a button says, by its data-yours
   */
  constructor({ plan, model }, act) {
    this.#plan = plan;
    this.#facts = model.card;
    this.#player = new Player($("yours-figure"), model.skeleton);
    this.#player.isMirrored = true; // like the signer's own picture
    $("yours-buttons").addEventListener("click", ({ target }) => {
      const { yours } = target.closest("button")?.dataset ?? {};
      if (yours) act(yours);
    });
    $("yours-play").addEventListener("click", () => this.#play(!this.#player.isPlaying));
  }

  leave() {
    this.#player.stop();
    $("view-live").dataset.step = "";
    $("cue").hidden = true;
  }

  /** Show a motion in place of the one before; null for none. */
  showMotion(motion) {
    $("yours-motion").hidden = !motion;
    this.#player.show(motion);
  }

  /**
   * Show a step.
   *
   * @param {{step: string, word: Object|null, hasFigure: boolean, text: string, kind: string,
   *   isBusy: boolean}} shown the word that is asked about; what is said (kind "done" if
   *   something was kept); whether something is recorded
   */
  show({ step, word, hasFigure, text, kind, isBusy }) {
    const { isCalm = false, hasWord = false } = STEPS[step];
    $("view-live").dataset.step = isCalm ? "calm" : "";
    $("yours-intro").hidden = step !== "intro";
    if (step === "intro") showFacts($("yours-facts"), this.#facts);
    $("yours-word-part").hidden = !hasWord;
    if (hasWord) this.#showWord(word, step === "ask", hasFigure);
    $("yours-says").dataset.is = isBusy ? "recording" : kind;
    $("yours-says").textContent = $("cue").textContent = text;
    $("cue").hidden = !isBusy;
    this.#showProgress();
    this.#showButtons(step, hasFigure);
  }

  #showWord(word, isAsking, hasFigure) {
    showGloss($("yours-word"), word.gloss);
    $("yours-gist").textContent = meaningOf(word);
    $("yours-figure").setAttribute("aria-label", t("motionAlt", word.gloss));
    $("yours-question").textContent = isAsking
      ? t(hasFigure ? "yours.question" : "yours.questionWithout", word.gloss)
      : "";
    $("yours-way").hidden = !isAsking || !hasFigure;
    this.#play(this.#player.isPlaying);
  }

  #showProgress() {
    const [count, all] = [this.#plan.done.length, this.#plan.words.length];
    $("yours-count").textContent = t("yours.count", number(count), number(all));
    Object.assign($("yours-bar"), { max: all, value: count });
  }

  /** Show the buttons of a step; the focus goes to the first if its button has gone. */
  #showButtons(step, hasFigure) {
    const isBegun = this.#plan.done.length > 0;
    const isOffered = { goOn: !this.#plan.isComplete, try: isBegun, same: hasFigure };
    const trial = { try: step === "pause", goOn: step !== "pause" }; // what comes next
    const buttons = [...$("yours-buttons").children];
    const focused = document.activeElement;
    for (const button of buttons) {
      const { yours } = button.dataset;
      button.hidden = !STEPS[step].buttons.includes(yours) || isOffered[yours] === false;
      if (yours in trial) button.classList.toggle("primary", trial[yours]);
    }
    $("yours-otherwise").textContent = t(hasFigure ? "yours.otherwise" : "yours.mine");
    $("yours-go-on").textContent = t(isBegun ? "yours.goOn" : "yours.begin");
    if (buttons.includes(focused) && focused.hidden)
      buttons.find(({ hidden }) => !hidden)?.focus({ preventScroll: true });
  }

  #play(isPlaying) {
    this.#player.isPlaying = isPlaying;
    showPlaying($("yours-play"), isPlaying);
  }
}
