// The list of taught words with their figures: forgotten one by one, exported and imported.
import { motionOf } from "../engine/index.js";
import { logError } from "../parts/device.js";
import { SmallFigures } from "../parts/small.js";
import { addressOf, make, makeGloss, meaningOf } from "../text/gloss.js";
import { counted, onLanguage, t } from "../text/i18n.js";
import { Keeping } from "./keeping.js";
import { showReminder } from "./reminder.js";

const $ = (id) => document.getElementById(id);

export class TaughtList {
  #model;
  #taught;
  #keeping;
  #figures;
  #undoable = null; // the gloss that was forgotten last, and the state before
  #message = () => "";

  /** @param {Model} model one that can be taught */
  constructor(model) {
    const { taught, skeleton } = model;
    this.#model = model;
    this.#taught = taught;
    this.#keeping = new Keeping(model);
    this.#figures = new SmallFigures(skeleton);
    $("taught-export").addEventListener("click", () => this.#export());
    $("taught-import").addEventListener("click", () => $("taught-file").click());
    $("taught-undo").addEventListener("click", () => this.#undo());
    $("taught-file").addEventListener("change", () => this.#import());
    taught.onChange(() => this.#show());
    onLanguage(() => this.#show());
    for (const element of document.querySelectorAll("[data-reminder]"))
      showReminder(element, this.#keeping);
  }

  #show() {
    const { words, forgotten, isStored } = this.#taught;
    this.#figures.clear();
    const items = words.map((word) => this.#makeItem(word));
    $("taught").replaceChildren(...items, ...forgotten.map((gloss) => this.#makeGone(gloss)));
    $("taught-export").disabled = !words.length && !forgotten.length;
    $("taught-note").textContent = this.#note();
    $("taught-says").textContent = isStored ? this.#message() : t("taughtNotStored");
    $("taught-undo").hidden = this.#undoable === null;
  }

  #note() {
    const { words, forgotten, stranded } = this.#taught;
    if (stranded.length) return t("taughtStranded", stranded.join(", "));
    return words.length || forgotten.length ? "" : t("taughtNone");
  }

  #makeItem(word) {
    const item = document.createElement("li");
    const link = Object.assign(makeGloss(word, "a"), { href: addressOf(word) });
    const note = make("span", "note", counted("taughtClips", word.clips.length));
    if (meaningOf(word)) note.prepend(make("span", "", meaningOf(word), "en"), " · ");
    const button = makeButton("taughtForget", word.gloss, () => this.#forget(word.gloss));
    const motion = word.clips.map(motionOf).find(Boolean);
    if (motion) item.append(this.#figures.make(motion, item));
    item.append(makeText(link, note), button);
    return item;
  }

  /** Make the item of a gloss of the model that a file had forgotten. */
  #makeGone(gloss) {
    const item = document.createElement("li");
    const remember = () => this.#taught.remember(gloss);
    const button = makeButton("taughtRemember", gloss, () =>
      this.#try(remember, () => t("taughtUndone", gloss)),
    );
    item.append(makeText(makeGloss({ gloss }), make("span", "note", t("taughtGone"))), button);
    return item;
  }

  async #forget(gloss) {
    const before = { gloss, state: this.#taught.state };
    const isForgotten = await this.#try(
      () => this.#model.forget(gloss),
      () => t("taughtForgotten", gloss),
    );
    if (!isForgotten) return;
    this.#undoable = before;
    this.#show();
    $("taught-undo").focus();
  }

  async #undo() {
    const { gloss, state } = this.#undoable;
    await this.#try(
      () => this.#taught.putBack(gloss, state),
      () => t("taughtUndone", gloss),
    );
    $("taught-import").focus();
  }

  async #import() {
    const [file] = $("taught-file").files;
    $("taught-file").value = "";
    if (!file) return;
    let count = 0;
    await this.#try(
      async () => (count = await this.#keeping.import(file)),
      () => counted("taughtImported", count),
    );
  }

  /** Change what is taught and show a message; gives whether the change was made. */
  async #try(change, message) {
    let isDone = true;
    try {
      await change();
      this.#undoable = null;
      this.#message = message;
    } catch (error) {
      logError(error);
      isDone = false;
      this.#message = () => explainInOneLine(error);
    }
    this.#show();
    return isDone;
  }

  #export() {
    this.#keeping.export();
    this.#show();
  }
}

/** Put a gloss above its note. */
function makeText(...lines) {
  const text = document.createElement("div");
  text.append(...lines);
  return text;
}

/** Make a button for a gloss; its text and its label (with "Label") are texts of the page. */
function makeButton(key, gloss, onClick) {
  const button = Object.assign(make("button", "quiet", t(key)), { type: "button" });
  button.setAttribute("aria-label", t(`${key}Label`, gloss));
  button.addEventListener("click", onClick);
  return button;
}

/** Say in one line why what is taught was not changed. */
export function explainInOneLine({ code }) {
  return t(`teachProblem.${code in t("teachProblem") ? code : "unknown"}`);
}
