// Teaching a sign beside the stage: the word, three clips of it, doubts, and what is known.
import { number, onLanguage, t } from "../text/i18n.js";
import { wordOf } from "./taught.js";
import { gistOf } from "../views/result.js";
import { Takes } from "./clips.js";
import { problemOf, TaughtList } from "./taughtlist.js";
import { doubtsOf } from "../recognise/teaching.js";
import { languageOf } from "../views/transcript.js";

const $ = (id) => document.getElementById(id);
const CLIPS = 3;
const READY = 3000; // milliseconds to lower the hands that pressed the button

export class Teach {
  #lessons;
  #engine;
  #live;
  #words;
  #shown;
  #takes = []; // what the engine kept of each clip
  #state = "idle"; // "ready", "recording", "working"
  #timer = 0;
  #hasClip = false; // of the movement that was seen last
  #says = () => "";

  constructor({ lessons, engine, live, words, skeleton }) {
    this.#lessons = lessons;
    this.#engine = engine;
    this.#live = live;
    this.#words = words;
    this.#shown = new Takes($("takes"), skeleton, (place) => this.#takeOut(place));
    new TaughtList(lessons);
    $("teach-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#state === "idle") this.#record();
      else this.#stop();
    });
    $("teach-word").addEventListener("input", () => this.#refresh());
    $("teach-add").addEventListener("click", () => this.#add());
    $("teach-again").addEventListener("click", () => this.#startOver());
    lessons.onChange(() => {
      this.#list();
      this.#refresh();
    });
    onLanguage(() => this.#refresh());
  }

  /** Show the view; `word` is to be taught, or none yet. */
  show(word) {
    if (word && !this.#takes.length) $("teach-word").value = word.gloss;
    this.#refresh();
    this.#draw();
  }

  leave() {
    this.#stop();
    this.#shown.stop();
  }

  /** Hear an event of the stream; each movement is a clip. */
  hear({ kind }) {
    if (this.#state !== "recording") return;
    if (kind === "start") this.#hasClip = false;
    if (kind === "sign" || kind === "unsure") this.#keep(this.#engine.latest);
    else if ((kind === "rest" || kind === "end") && !this.#hasClip)
      this.#tell(() => t("teachRefused"));
  }

  get #word() {
    const fields = {
      gloss: "teach-word",
      transliteration: "teach-reading",
      english: "teach-meaning",
    };
    return wordOf(
      Object.fromEntries(Object.entries(fields).map(([name, id]) => [name, $(id).value])),
    );
  }

  async #record() {
    this.#enter("ready");
    this.#tell(() => t("teachReady"));
    $("stage").scrollIntoView({ block: "nearest" });
    if (!(await this.#live.look())) return this.#stop();
    if (this.#state !== "ready") return;
    this.#timer = setTimeout(() => {
      this.#live.renew(); // what moved until now is no clip
      this.#enter("recording");
      this.#ask();
    }, READY);
  }

  #stop() {
    clearTimeout(this.#timer);
    if (this.#state === "idle" || this.#state === "working") return;
    this.#enter("idle");
    this.#tell(() => (this.#takes.length ? this.#count("teachMissing") : ""));
  }

  #keep(clip) {
    this.#hasClip = true;
    this.#takes.push(clip);
    this.#draw();
    if (this.#takes.length < CLIPS) return this.#ask();
    this.#enter("idle");
    this.#tell(() => t("teachReview"));
    $("teach-says").focus();
  }

  /** Say how many clips are still wanted. */
  #count(key) {
    const count = CLIPS - this.#takes.length;
    return t(key, count, number(count));
  }

  #ask() {
    this.#tell(() =>
      t("teachSign", this.#word.gloss, number(this.#takes.length + 1), number(CLIPS)),
    );
  }

  #enter(state) {
    this.#state = state;
    this.#refresh();
  }

  #tell(says, is = this.#state === "idle" ? "" : "recording") {
    this.#says = says;
    $("teach-says").dataset.is = is;
    this.#refresh();
  }

  #takeOut(place) {
    this.#takes.splice(place, 1);
    this.#tell(() => this.#count("teachMissing"));
    this.#draw();
    $("teach-record").focus();
  }

  #startOver() {
    this.#takes = [];
    this.#tell(() => "");
    this.#draw();
    $("teach-word").focus();
  }

  async #add() {
    const word = this.#word;
    this.#enter("working");
    this.#tell(() => t("teachWorking"));
    try {
      await this.#lessons.add(
        word,
        this.#takes.map(({ embedding, own }) => ({ embedding, scores: own })),
      );
      this.#takes = [];
      for (const id of ["teach-word", "teach-reading", "teach-meaning"]) $(id).value = "";
      this.#state = "idle";
      this.#tell(() => t("teachDone", word.gloss), "done");
      this.#draw();
    } catch (error) {
      this.#state = "idle";
      this.#tell(() => problemOf(error));
    }
    $("teach-says").focus({ preventScroll: true });
  }

  /** Show the clips as they are now. */
  #draw() {
    this.#shown.show(this.#takes);
    this.#refresh();
  }

  #list() {
    $("teach-words").replaceChildren(
      ...this.#words.map((word) => new Option(gistOf(word), word.gloss)),
    );
  }

  #refresh() {
    const { gloss } = this.#word;
    const [isBusy, isWhole] = [this.#state !== "idle", this.#takes.length === CLIPS];
    const place = this.#words.findIndex((word) => word.gloss === gloss);
    for (const id of ["teach-word", "teach-reading", "teach-meaning"]) $(id).disabled = isBusy;
    $("teach-word").lang = languageOf(gloss);
    $("teach-more").hidden = place >= 0;
    $("teach-known").textContent = gloss ? t(place >= 0 ? "teachKnown" : "teachFresh") : "";
    $("teach-record").disabled = !gloss;
    $("teach-record").hidden = isWhole;
    $("teach-record-text").textContent = isBusy ? t("teachStop") : this.#count("teachRecord");
    $("teach-says").textContent = $("cue").textContent = this.#says();
    $("cue").hidden = !isBusy;
    $("teach-decide").hidden = !isWhole || isBusy;
    $("teach-add").disabled = !gloss;
    this.#shown.translate(isBusy);
    this.#doubt(gloss, place);
  }

  #doubt(gloss, index) {
    const earlier = this.#lessons.taught.find((word) => word.gloss === gloss)?.points ?? [];
    const found = doubtsOf(
      this.#takes,
      index,
      earlier.map(({ embedding }) => embedding),
    );
    const lines = found.map(({ kind, place, index: other }) =>
      kind === "another"
        ? t("teachAnother", number(place + 1), this.#words[other].gloss)
        : t("teachUnlike", number(place + 1)),
    );
    const shown = lines.map((text) =>
      Object.assign(document.createElement("li"), { textContent: text }),
    );
    if ($("doubts").textContent !== lines.join("")) $("doubts").replaceChildren(...shown);
    $("teach-add").textContent = t(lines.length ? "teachAddAnyway" : "teachAdd");
  }
}
