// The list of taught words: forgotten one by one, exported and imported.
import { logError } from "../browser/problem.js";
import { addressOf, make, makeGloss, meaningOf } from "../text/gloss.js";
import { counted, onLanguage, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);
const FILE = "signnet-taught.json";

export class TaughtList {
  #taught;
  #undoable = null; // the gloss that was forgotten last, and the words before
  #message = () => "";

  /** @param {TaughtWords} taught */
  constructor(taught) {
    this.#taught = taught;
    $("taught-export").addEventListener("click", () => this.#export());
    $("taught-import").addEventListener("click", () => $("taught-file").click());
    $("taught-undo").addEventListener("click", () => this.#undo());
    $("taught-file").addEventListener("change", () => this.#import());
    taught.onChange(() => this.#show());
    onLanguage(() => this.#show());
  }

  #show() {
    const { words, isStored } = this.#taught;
    $("taught").replaceChildren(...words.map((word) => this.#makeItem(word)));
    $("taught-export").disabled = !words.length;
    $("taught-note").textContent = this.#note();
    $("taught-says").textContent = isStored ? this.#message() : t("taughtNotStored");
    $("taught-undo").hidden = this.#undoable === null;
  }

  #note() {
    const { words, stranded } = this.#taught;
    if (stranded.length) return t("taughtStranded", stranded.join(", "));
    return words.length ? "" : t("taughtNone");
  }

  #makeItem(word) {
    const item = document.createElement("li");
    const link = Object.assign(makeGloss(word, "a"), { href: addressOf(word) });
    const notes = [meaningOf(word), counted("taughtClips", word.points.length)];
    const note = make("span", "note", notes.filter(Boolean).join(" · "));
    const button = Object.assign(make("button", "quiet", t("taughtForget")), { type: "button" });
    button.setAttribute("aria-label", t("taughtForgetLabel", word.gloss));
    button.addEventListener("click", () => this.#forget(word.gloss));
    item.append(link, note, button);
    return item;
  }

  async #forget(gloss) {
    const before = { gloss, words: this.#taught.words };
    const isForgotten = await this.#try(
      () => this.#taught.forget(gloss),
      () => t("taughtForgotten", gloss),
    );
    if (!isForgotten) return;
    this.#undoable = before;
    this.#show();
    $("taught-undo").focus();
  }

  async #undo() {
    const { gloss, words } = this.#undoable;
    await this.#try(
      () => this.#taught.restore(words),
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
      async () => (count = await this.#taught.importFile(file)),
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
    const content = new Blob([this.#taught.exportText()], { type: "application/json" });
    const url = URL.createObjectURL(content);
    Object.assign(document.createElement("a"), { href: url, download: FILE }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

/** Say in one line why what is taught was not changed. */
export function explainInOneLine({ code }) {
  return t(`teachProblem.${code in t("teachProblem") ? code : "unknown"}`);
}
