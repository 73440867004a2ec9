// The words recognised so far, in the order in which they were signed.
import { make, makeGloss, meaningOf } from "../text/gloss.js";
import { onLanguage, t } from "../text/i18n.js";

const COPIED_MILLISECONDS = 2000;

export class Transcript {
  #list;
  #emptyNote;
  #buttons;
  #glosses = [];

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} emptyNote shown as long as there is no word
   * @param {HTMLButtonElement[]} buttons enabled as soon as there is a word
   */
  constructor(list, emptyNote, buttons) {
    this.#list = list;
    this.#emptyNote = emptyNote;
    this.#buttons = buttons;
    onLanguage(() => this.#refresh());
  }

  /**
   * Add a word at the end.
   *
   * @param {{gloss: string, transliteration?: string, english?: string}} word
   * @returns {number} its position, for `replace`
   */
  add(word) {
    this.#glosses.push(word.gloss);
    this.#list.append(makeItem(word));
    this.#refresh();
    this.#list.scrollTo(this.#list.scrollWidth, this.#list.scrollHeight);
    return this.#glosses.length - 1;
  }

  get isEmpty() {
    return this.#glosses.length === 0;
  }

  /** Put another word in a word's place. */
  replace(position, word) {
    this.#glosses[position] = word.gloss;
    this.#list.children[position].replaceWith(makeItem(word));
  }

  clear() {
    this.#glosses = [];
    this.#list.replaceChildren();
    this.#refresh();
  }

  /** Put the glosses on the clipboard, and say so for a moment in the button's label. */
  async copy(label) {
    try {
      await navigator.clipboard.writeText(this.#glosses.join(" "));
      label.textContent = t("copied");
    } catch {
      // the browser may forbid it
    }
    setTimeout(() => (label.textContent = t("copy")), COPIED_MILLISECONDS);
  }

  #refresh() {
    const { isEmpty } = this;
    this.#emptyNote.hidden = !isEmpty;
    this.#list.hidden = isEmpty;
    this.#emptyNote.textContent = t("transcriptEmpty");
    for (const button of this.#buttons) button.disabled = isEmpty;
  }
}

function makeItem(word) {
  const item = document.createElement("li");
  item.append(makeGloss(word));
  const meaning = meaningOf(word);
  if (meaning) item.append(" ", make("span", "note", meaning, "en"));
  return item;
}
