// What was taught on this device, as a list: forgotten word by word, exported, imported.
import { number, onLanguage, t } from "../text/i18n.js";
import { gistOf } from "../views/result.js";
import { languageOf } from "../views/transcript.js";
import { addressOf } from "../views/words.js";

const $ = (id) => document.getElementById(id);
const counted = (key, count) => t(key, count, number(count));
const FILE = "signnet-taught.json";

export class TaughtList {
  #lessons;
  #before = null; // what was taught before a word was forgotten
  #says = () => "";

  constructor(lessons) {
    this.#lessons = lessons;
    $("taught-export").addEventListener("click", () => this.#export());
    $("taught-import").addEventListener("click", () => $("taught-file").click());
    $("taught-undo").addEventListener("click", () => this.#undo());
    $("taught-file").addEventListener("change", () => this.#import());
    lessons.onChange(() => this.#show());
    onLanguage(() => this.#show());
  }

  #show() {
    const { taught, stranded, isKept } = this.#lessons;
    $("taught").replaceChildren(...taught.map((word) => this.#entry(word)));
    $("taught-export").disabled = !taught.length;
    $("taught-note").textContent = stranded.length
      ? t("taughtStranded", stranded.join(", "))
      : taught.length
        ? ""
        : t("taughtNone");
    $("taught-says").textContent = isKept ? this.#says() : t("taughtNotKept");
    $("taught-undo").hidden = this.#before === null;
  }

  #entry(word) {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), {
      className: "gloss",
      href: addressOf(word),
      textContent: word.gloss,
    });
    link.lang = languageOf(word.gloss);
    const note = Object.assign(document.createElement("span"), { className: "note" });
    note.textContent = [gistOf(word), counted("taughtClips", word.points.length)]
      .filter(Boolean)
      .join(" · ");
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "quiet",
      textContent: t("taughtForget"),
    });
    button.setAttribute("aria-label", t("taughtForgetLabel", word.gloss));
    button.addEventListener("click", () => this.#forget(word.gloss));
    item.append(link, note, button);
    return item;
  }

  async #forget(gloss) {
    const before = { gloss, taught: this.#lessons.taught };
    if (
      !(await this.#try(
        () => this.#lessons.forget(gloss),
        () => t("taughtForgotten", gloss),
      ))
    )
      return;
    this.#before = before;
    this.#show();
    $("taught-undo").focus();
  }

  async #undo() {
    const { gloss, taught } = this.#before;
    await this.#try(
      () => this.#lessons.restore(taught),
      () => t("taughtUndone", gloss),
    );
    $("taught-import").focus();
  }

  async #import() {
    const [file] = $("taught-file").files;
    $("taught-file").value = "";
    let count = 0;
    if (file)
      await this.#try(
        async () => (count = await this.#lessons.take(file)),
        () => counted("taughtTaken", count),
      );
  }

  /** Change what is taught, and tell how that went. */
  async #try(change, says) {
    let isDone = true;
    try {
      await change();
      this.#before = null;
      this.#says = says;
    } catch (error) {
      console.info(`signnet: ${error.code ?? error.name}: ${error.message}`);
      isDone = false;
      this.#says = () => problemOf(error);
    }
    this.#show();
    return isDone;
  }

  #export() {
    const url = URL.createObjectURL(
      new Blob([this.#lessons.document()], { type: "application/json" }),
    );
    Object.assign(document.createElement("a"), { href: url, download: FILE }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

/** Say in one line why nothing was changed. */
export const problemOf = ({ code }) => t(`lesson.${code in t("lesson") ? code : "unknown"}`);
