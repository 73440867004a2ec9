// "Make it yours": word by word the figure, and whether the visitor signs it like that; who
// signs it otherwise shows it once. A trial then says what that has brought.
import { motionOf } from "../engine/index.js";
import { Recorder } from "../teach/recorder.js";
import { explainInOneLine } from "../teach/taughtlist.js";
import { counted, number, onLanguage, t } from "../text/i18n.js";
import { YoursCard } from "./yourscard.js";

export class Yours {
  #page;
  #recorder;
  #card;
  #step = "intro";
  #word = null;
  #before = null; // what was taught before the clip that was kept last
  #message = () => "";
  #kind = ""; // "done" for a message of success
  #isActive = false;
  #hasFigure = true; // of the word; as long as it is looked for, too
  #wasBegun; // whether the everyday words were done when they were last asked about

  /**
   * @param {{plan: Plan, trial: Trial, model: Model, live: Live}} page what this view works
   *   with; the model can be taught
   */
  constructor(page) {
    this.#page = page;
    this.#wasBegun = page.plan.isBegun;
    this.#recorder = new Recorder(page.live, page.model, {
      onState: () => this.#follow(),
      onClip: (clip) => this.#take(clip),
      onRefused: () => this.#tell(() => t("teachRefused")),
      wantsFilm: () => ["ask", "record", "try"].includes(this.#step),
    });
    this.#card = new YoursCard(page, (name) => this.#actions[name]());
    page.model.taught.onChange(() => this.#show());
    onLanguage(() => this.#show());
  }

  #actions = {
    goOn: () => this.#ask(),
    same: () => this.#same(),
    otherwise: () => this.#record(),
    later: () => this.#later(),
    next: () => this.#ask(),
    again: () => this.#again(),
    try: () => this.#try(),
    skip: () => this.#skip(),
    stop: () => this.#stop(),
  };

  /** Show the view where it was left, or at its beginning. */
  show() {
    this.#isActive = true;
    if (this.#step === "ask" || this.#step === "kept") this.#ask();
    else this.#enter("intro");
  }

  leave() {
    this.#isActive = false;
    this.#recorder.stop();
    this.#card.leave();
  }

  /** Take an event of the stream. */
  onEvent(event, isFilm) {
    this.#recorder.onEvent(event, isFilm);
  }

  #enter(step, message = () => "") {
    this.#step = step;
    this.#tell(message);
  }

  /** Ask about the next word, or offer a trial after the everyday words and after all. */
  #ask() {
    const { plan } = this.#page;
    const wasBegun = this.#wasBegun;
    this.#wasBegun = plan.isBegun;
    this.#word = plan.next;
    if (!this.#word) return this.#enter("pause", () => t("yours.all"));
    if (plan.isBegun && !wasBegun && plan.done.length)
      return this.#enter("pause", () => t("yours.ten"));
    this.#hasFigure = true;
    this.#enter("ask");
    this.#showMotion(this.#page.model.motion(this.#word.gloss));
  }

  #same() {
    this.#page.plan.answerSame(this.#word);
    this.#ask();
  }

  #later() {
    this.#page.plan.putOff(this.#word);
    this.#ask();
  }

  #record() {
    this.#enter("record");
    this.#recorder.start();
  }

  async #again() {
    await this.#page.model.taught.putBack(this.#word.gloss, this.#before).catch(() => {});
    this.#record();
  }

  #try() {
    const { trial, plan } = this.#page;
    trial.begin(plan.done);
    this.#enter("try");
    this.#recorder.start();
  }

  #skip() {
    this.#page.trial.skip();
    this.#goOnTrying(() => "");
  }

  #stop() {
    this.#recorder.stop();
  }

  /** Say what the recorder waits for. */
  #follow() {
    const { state } = this.#recorder;
    if (state === "starting") this.#tell(() => t("teachStarting"));
    if (state === "countdown") this.#tell(() => t("teachReady"));
    if (state === "recording") this.#tell(() => this.#request());
    if (state === "idle") this.#goBack();
  }

  /** Nothing is recorded any more: go back to the question, or end the trial. */
  #goBack() {
    if (this.#step === "record") this.#ask();
    else if (this.#step === "try") this.#showResult(() => "");
    else this.#show();
  }

  #request() {
    const { word, left } = this.#page.trial;
    if (this.#step !== "try") return t("yours.sign", this.#word?.gloss);
    return word ? t("yours.trySign", word.gloss, counted("yours.left", left)) : "";
  }

  #take(clip) {
    if (this.#step === "try") this.#judge(clip);
    else this.#keep(clip);
  }

  async #keep(clip) {
    const { model } = this.#page;
    const word = this.#word;
    this.#before = model.taught.state;
    const doubt = model.doubts(word.gloss, [clip]).find(({ kind }) => kind === "another");
    this.#enter("kept");
    this.#recorder.stop();
    try {
      await model.teach(word.gloss, clip, { ...word, despiteDoubts: true });
      const saved = () => t("yours.kept", word.gloss);
      this.#tell(doubt ? () => `${saved()} ${t("yours.another", doubt.gloss)}` : saved, "done");
      this.#showMotion(motionOf(model.taught.clipsOf(word.gloss).at(-1)));
    } catch (error) {
      this.#tell(() => explainInOneLine(error));
    }
  }

  #judge(clip) {
    const { now, gloss, guess } = this.#page.trial.take(clip);
    this.#goOnTrying(() => t(now ? "yours.right" : "yours.wrong", gloss, guess));
  }

  /** Ask for the next sign of the trial, or end it. */
  #goOnTrying(said) {
    if (this.#page.trial.word) this.#tell(() => `${said()} ${this.#request()}`.trim());
    else this.#showResult(said);
  }

  #showResult(said) {
    const { all, before, now } = this.#page.trial.score;
    const score = () => t("yours.score", number(now), number(before), number(all));
    this.#enter("result", () => (all ? `${said()} ${score()}`.trim() : ""));
    this.#recorder.stop();
  }

  #tell(message, kind = "") {
    this.#message = message;
    this.#kind = kind;
    this.#show();
  }

  /** Show a figure as soon as it is found, if the word is still asked about. */
  async #showMotion(found) {
    const word = this.#word;
    const motion = await Promise.resolve(found).catch(() => null);
    if (word !== this.#word || !this.#isActive) return;
    this.#hasFigure = Boolean(motion);
    this.#card.showMotion(motion ?? null);
    this.#show();
  }

  #show() {
    if (!this.#isActive) return;
    const isBusy = this.#recorder.state !== "idle";
    const text = this.#message();
    const [step, word, hasFigure, kind] = [this.#step, this.#word, this.#hasFigure, this.#kind];
    this.#card.show({ step, word, hasFigure, text, kind, isBusy });
  }
}
