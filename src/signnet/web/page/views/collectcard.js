// The card beside the stage while signs are collected: the word, what to do, how far it is.
import { motionOf, rateOf } from "../collect/keptclip.js";
import { Player } from "../engine/index.js";
import { make, makeGloss, showGloss } from "../text/gloss.js";
import { counted, explainInText, number, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);
const SLOWEST = 8; // frames a second; models look at a film 12 times a second
const SHOWN_ON_STAGE = ["ready", "kept", "sign", "refused"];

export class CollectCard {
  #recording;
  #player;
  #shown = null; // the clip whose figure is shown

  /**
   * @param {Object} skeleton the content of skeleton.json
   * @param {Recording} recording
   * @param {(name: string) => void} act does what a button says, by its data-collect
   */
  constructor(skeleton, recording, act) {
    this.#recording = recording;
    this.#player = new Player($("collect-figure"), skeleton);
    this.#player.isMirrored = true; // like the signer's own picture
    $("collect-buttons").addEventListener("click", ({ target }) => {
      const { collect } = target.closest("button")?.dataset ?? {};
      if (collect) act(collect);
      // The space key then goes on, and does not skip a second word.
      if (collect === "again" || collect === "skip") $("collect-go").focus({ preventScroll: true });
    });
    $("collect-all").addEventListener("toggle", () => this.#listSigns());
  }

  leave() {
    this.#player.stop();
    this.#shown = null;
    $("prompt").hidden = true;
  }

  show() {
    const { coming, step, problem } = this.#recording;
    const [now, then] = coming;
    showGloss($("collect-word"), now?.gloss ?? "");
    $("collect-word").hidden = !now;
    $("collect-then").textContent = then ? t("collect.then", then.gloss) : "";
    $("collect-says").dataset.is = ["sign", "refused"].includes(step) ? "recording" : "";
    $("collect-says").textContent = problem
      ? explainInText(problem.code)
      : t(`collect.step.${step}`, now?.gloss);
    this.#showPrompt(now, step);
    this.#showProgress();
    this.#showButtons(now, step);
    this.#showLast();
    this.#listSigns();
  }

  /** Write the word over the picture, to be read from two metres. */
  #showPrompt(now, step) {
    const isShown = now && SHOWN_ON_STAGE.includes(step);
    $("prompt").hidden = !isShown;
    $("prompt").dataset.is = step;
    if (!isShown) return;
    const note = make("span", "", t(`collect.cue.${step}`));
    $("prompt").replaceChildren(makeGloss(now), note);
  }

  #showProgress() {
    const { done, all, seconds } = this.#recording.progress;
    const minutes = Math.ceil(seconds / 60);
    $("collect-done").textContent = t("collect.done", number(done), number(all));
    $("collect-left").textContent = done < all ? counted("collect.left", minutes) : "";
    Object.assign($("collect-bar"), { max: Math.max(1, all), value: done });
  }

  #showButtons(now, step) {
    const { isRunning, last, session } = this.#recording;
    const key = isRunning ? "pause" : last && session.waits ? "nextWord" : "start";
    $("collect-go").textContent = t(`collect.${key}`);
    const [go, again, skip, finish] = $("collect-buttons").children;
    go.hidden = skip.hidden = !now;
    again.hidden = !last;
    finish.classList.toggle("primary", step === "complete");
    finish.classList.toggle("quiet", step !== "complete");
    if (step === "complete" && [go, document.body].includes(document.activeElement))
      finish.focus({ preventScroll: true });
  }

  /** Show the clip that was kept last as a figure, so that a bad one is seen. */
  #showLast() {
    const { last } = this.#recording;
    $("collect-last").hidden = !last;
    if (!last) return;
    const rate = Math.round(rateOf(last));
    $("collect-last-word").textContent = t("collect.lastSign", last.gloss, number(rate));
    $("collect-slow").textContent = rate < SLOWEST ? t("collect.slow", number(SLOWEST)) : "";
    $("collect-figure").setAttribute("aria-label", t("motionAlt", last.gloss));
    if (last === this.#shown) return;
    this.#shown = last;
    this.#player.show(motionOf(last));
  }

  #listSigns() {
    if (!$("collect-all").open || !this.#recording.session) return;
    $("collect-signs").replaceChildren(...this.#recording.prompts.map((one) => this.#item(one)));
  }

  #item(prompt) {
    const { gloss, repetition, isRecorded, isSkipped } = prompt;
    const state = isRecorded ? "isRecorded" : isSkipped ? "isSkipped" : "isOpen";
    const text = make("div", "", "");
    const times = t("collect.time", number(repetition));
    text.append(makeGloss({ gloss }), make("span", "note", `${times} · ${t(`collect.${state}`)}`));
    const item = document.createElement("li");
    item.append(text);
    const again = isRecorded ? "collect.recordAgain" : "collect.recordNow";
    item.append(this.#button(again, prompt, () => this.#recording.choose(prompt)));
    if (isRecorded)
      item.append(this.#button("collect.drop", prompt, () => this.#recording.drop(prompt)));
    return item;
  }

  #button(key, { gloss, repetition }, act) {
    const button = Object.assign(make("button", "quiet", t(key)), { type: "button" });
    button.setAttribute("aria-label", `${t(key)}: ${gloss}, ${number(repetition)}`);
    button.addEventListener("click", act);
    return button;
  }
}
