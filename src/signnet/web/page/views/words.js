// The list of words, with a search that takes Bangla, Latin letters and English.
import { number, onLanguage, t } from "../text/i18n.js";
import { languageOf } from "./transcript.js";

const $ = (id) => document.getElementById(id);
const plain = (text) => text.normalize("NFC").toLowerCase().trim();

/** Give the words that a search means. */
export function matching(words, query) {
  const wanted = plain(query);
  return words.filter(({ gloss, transliteration = "", english = "" }) =>
    [gloss, transliteration, english].some((text) => plain(text).includes(wanted)),
  );
}

export const addressOf = ({ gloss }, page = "words") => `#/${page}/${encodeURIComponent(gloss)}`;

export class Words {
  #words;

  constructor(words) {
    this.#words = words;
    $("search").addEventListener("input", () => this.#show());
    onLanguage(() => this.#translate());
  }

  /** Show the words as they are now. */
  refresh() {
    this.#translate();
  }

  #translate() {
    $("words-lead").textContent = t("wordsLead", number(this.#words.length));
    $("search").placeholder = t("searchHint");
    this.#show();
  }

  #show() {
    const found = matching(this.#words, $("search").value);
    $("found").textContent = found.length ? t("found", number(found.length)) : t("foundNone");
    $("words").replaceChildren(...found.map(entryOf));
  }
}

function entryOf(word) {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: addressOf(word) });
  const gloss = Object.assign(document.createElement("span"), {
    className: "gloss",
    textContent: word.gloss,
  });
  gloss.lang = languageOf(word.gloss);
  const note = Object.assign(document.createElement("span"), { className: "note", lang: "en" });
  note.textContent = [word.transliteration, word.english].filter(Boolean).join(" · ");
  link.append(gloss, " ", note);
  item.append(link);
  return item;
}
