// The list of words, with a search that takes Bangla, Latin letters and English.
import { addressOf, make, makeGloss, meaningOf } from "../text/gloss.js";
import { number, onLanguage, t } from "../text/i18n.js";
import { search } from "../text/search.js";

const $ = (id) => document.getElementById(id);

export class WordList {
  #words;

  /** @param {Object[]} words the vocabulary, to which taught words are added */
  constructor(words) {
    this.#words = words;
    $("search").addEventListener("input", () => this.#show());
    onLanguage(() => this.refresh());
  }

  /** Show the words as they are now. */
  refresh() {
    const count = this.#words.length;
    $("words-lead").textContent = count ? t("wordsLead", number(count)) : t("noWordsMore");
    $("words-search").hidden = count === 0;
    $("search").placeholder = t("searchHint");
    this.#show();
  }

  #show() {
    const found = search(this.#words, $("search").value);
    $("found").hidden = !this.#words.length;
    $("found").textContent = found.length ? t("found", number(found.length)) : t("foundNone");
    $("words").replaceChildren(...found.map(makeItem));
  }
}

function makeItem(word) {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: addressOf(word) });
  link.append(makeGloss(word), " ", make("span", "note", meaningOf(word), "en"));
  item.append(link);
  return item;
}
