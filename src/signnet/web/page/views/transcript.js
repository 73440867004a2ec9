// The words recognised so far, in the order in which they were signed.
import { onLanguage, t } from "../text/i18n.js";

export class Transcript {
  #list;
  #empty;
  #buttons;
  #glosses = [];

  constructor(list, empty, buttons) {
    this.#list = list;
    this.#empty = empty;
    this.#buttons = buttons;
    onLanguage(() => this.#refresh());
  }

  get text() {
    return this.#glosses.join(" ");
  }

  /** @param {{gloss: string, transliteration?: string, english?: string}} word */
  add(word) {
    this.#glosses.push(word.gloss);
    const item = document.createElement("li");
    const gloss = Object.assign(document.createElement("span"), {
      className: "gloss",
      textContent: word.gloss,
    });
    gloss.lang = languageOf(word.gloss);
    item.append(gloss);
    const more = [word.transliteration, word.english].filter(Boolean);
    if (more.length) {
      const note = Object.assign(document.createElement("span"), {
        className: "note",
        textContent: more.join(" · "),
      });
      note.lang = "en";
      item.append(" ", note);
    }
    this.#list.append(item);
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#refresh();
  }

  clear() {
    this.#glosses = [];
    this.#list.replaceChildren();
    this.#refresh();
  }

  async copy() {
    await navigator.clipboard.writeText(this.text);
  }

  #refresh() {
    this.#empty.hidden = this.#glosses.length > 0;
    this.#list.hidden = !this.#glosses.length;
    this.#empty.textContent = t("transcriptEmpty");
    for (const button of this.#buttons) button.disabled = !this.#glosses.length;
  }
}

/** Say in which language a gloss is written, so that it is shown and read aloud right. */
export const languageOf = (text) => (/[\u0980-\u09ff]/.test(text) ? "bn" : "en");
