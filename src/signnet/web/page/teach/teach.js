// Teaching a sign beside the stage: the word, three clips of it, and doubts about them.
import { cleanWord } from "../engine/index.js";
import { languageOf, make, meaningOf } from "../text/gloss.js";
import { counted, number, onLanguage, t } from "../text/i18n.js";
import { ClipList } from "./clips.js";
import { Recorder } from "./recorder.js";
import { explainInOneLine, TaughtList } from "./taughtlist.js";

const $ = (id) => document.getElementById(id);
const CLIPS = 3;
const FIELDS = { gloss: "teach-word", transliteration: "teach-reading", english: "teach-meaning" };

export class Teach {
  #model;
  #list;
  #clips = []; // see SeenClip
  #recorder;
  #isWorking = false;
  #message = () => "";

  /**
   * @param {Model} model one that can be taught
   * @param {Live} live
   */
  constructor(model, live) {
    this.#model = model;
    this.#list = new ClipList($("takes"), model.skeleton, (index) => this.#remove(index));
    this.#recorder = new Recorder(live, model, {
      onState: () => this.#follow(),
      onClip: (clip) => this.#keep(clip),
      onRefused: () => this.#tell(() => t("teachRefused")),
      wantsFilm: () => !this.#isWorking && this.#clips.length < CLIPS,
    });
    new TaughtList(model);
    $("teach-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#isBusy) this.#recorder.stop();
      else this.#record();
    });
    $("teach-word").addEventListener("input", () => this.#refresh());
    $("teach-add").addEventListener("click", () => this.#add());
    $("teach-again").addEventListener("click", () => this.#startOver());
    model.taught.onChange(() => {
      this.#showVocabulary();
      if ($("teach-says").dataset.is === "done")
        this.#tell(() => ""); // it may be forgotten
      else this.#refresh();
    });
    onLanguage(() => this.#refresh());
  }

  /** Show the view; `word` is to be taught, or undefined. */
  show(word) {
    if (word && !this.#clips.length) $("teach-word").value = word.gloss;
    this.#showClips();
  }

  leave() {
    this.#recorder.stop();
    this.#list.stop();
  }

  /** Take an event of the stream; each movement is a clip, and so is a film. */
  onEvent(event, isFilm) {
    this.#recorder.onEvent(event, isFilm);
  }

  get #isBusy() {
    return this.#isWorking || this.#recorder.state !== "idle";
  }

  get #word() {
    const values = Object.entries(FIELDS).map(([name, id]) => [name, $(id).value]);
    return cleanWord(Object.fromEntries(values));
  }

  #record() {
    $("stage").scrollIntoView({ block: "nearest" });
    this.#recorder.start();
  }

  /** Say what to do now. */
  #follow() {
    const { state } = this.#recorder;
    if (state === "starting") this.#tell(() => t("teachStarting"));
    if (state === "countdown") this.#tell(() => t("teachReady"));
    if (state === "recording") this.#askForSign();
    if (state === "idle")
      this.#tell(() => (this.#clips.length ? this.#countMissing("teachMissing") : ""));
  }

  #keep(clip) {
    this.#clips.push(clip);
    this.#showClips();
    if (this.#clips.length < CLIPS) {
      if (this.#isBusy) this.#askForSign();
      else this.#tell(() => this.#countMissing("teachMissing"));
      return;
    }
    this.#recorder.stop();
    this.#tell(() => t("teachReview"));
    $("teach-says").focus();
  }

  /** Say how many clips are still missing. */
  #countMissing(key) {
    return counted(key, CLIPS - this.#clips.length);
  }

  #askForSign() {
    const text = () =>
      t("teachSign", this.#word.gloss, number(this.#clips.length + 1), number(CLIPS));
    this.#tell(text);
  }

  #tell(message, kind = this.#isBusy ? "recording" : "") {
    this.#message = message;
    $("teach-says").dataset.is = kind;
    this.#refresh();
  }

  #remove(index) {
    this.#clips.splice(index, 1);
    this.#tell(() => this.#countMissing("teachMissing"));
    this.#showClips();
    $("teach-record").focus();
  }

  #startOver() {
    this.#clips = [];
    this.#tell(() => "");
    this.#showClips();
    $("teach-word").focus();
  }

  async #add() {
    const word = this.#word;
    this.#isWorking = true;
    this.#tell(() => t("teachWorking"));
    try {
      await this.#model.teach(word.gloss, this.#clips, { ...word, despiteDoubts: true });
      this.#clips = [];
      for (const id of Object.values(FIELDS)) $(id).value = "";
      this.#isWorking = false;
      this.#tell(() => t("teachDone", word.gloss), "done");
      this.#showClips();
    } catch (error) {
      this.#isWorking = false;
      this.#tell(() => explainInOneLine(error));
    }
    $("teach-says").focus({ preventScroll: true });
  }

  #showClips() {
    this.#list.show(this.#clips);
    this.#refresh();
  }

  /** Offer the vocabulary while a word is typed. */
  #showVocabulary() {
    const options = this.#model.words.map((word) => new Option(meaningOf(word), word.gloss));
    $("teach-words").replaceChildren(...options);
  }

  #refresh() {
    const { gloss } = this.#word;
    const [isBusy, isComplete] = [this.#isBusy, this.#clips.length === CLIPS];
    const isKnown = this.#model.vocabulary.includes(gloss);
    for (const id of Object.values(FIELDS)) $(id).disabled = isBusy;
    $("teach-word").lang = languageOf(gloss);
    $("teach-more").hidden = isKnown;
    $("teach-known").textContent = gloss ? t(isKnown ? "teachKnown" : "teachFresh") : "";
    $("teach-record").disabled = !gloss;
    $("teach-record").hidden = isComplete;
    $("teach-record-text").textContent = isBusy
      ? t("teachStop")
      : this.#countMissing("teachRecord");
    $("teach-says").textContent = $("cue").textContent = this.#message();
    $("cue").hidden = !isBusy;
    $("teach-decide").hidden = !isComplete || isBusy;
    $("teach-add").disabled = !gloss;
    this.#list.translate(isBusy);
    this.#showDoubts(gloss);
  }

  #showDoubts(gloss) {
    const lines = this.#model
      .doubts(gloss, this.#clips)
      .map(({ kind, clip, gloss: other }) =>
        kind === "another"
          ? t("teachAnother", number(clip + 1), other)
          : t("teachUnlike", number(clip + 1)),
      );
    if ($("doubts").textContent !== lines.join(""))
      $("doubts").replaceChildren(...lines.map((line) => make("li", "", line)));
    $("teach-add").textContent = t(lines.length ? "teachAddAnyway" : "teachAdd");
  }
}
