// The card of the word that was recognised last, and the five most likely ones.
import { languageOf, make, makeGloss, meaningOf } from "../text/gloss.js";
import { current, percent, t } from "../text/i18n.js";

/** Show a word with its reading and meaning in an element, and a note below. */
export function showWord(element, word, note) {
  element.replaceChildren(makeGloss(word, "p", "word"));
  const meaning = meaningOf(word);
  if (meaning) element.append(make("p", "gist", meaning, "en"));
  if (note) element.append(make("p", "fine", note));
}

/** Show a short message in the word's place. */
export function showMessage(element, title, text) {
  element.replaceChildren(
    make("p", "word muted", title, current()),
    make("p", "fine", text, current()),
  );
}

/** Show that nothing was recognised yet, or that there is no word to recognise. */
export function showNothing(element, wordCount) {
  const key = wordCount ? "nothingYet" : "noWords";
  showMessage(element, t(key), t(`${key}More`));
}

/**
 * Show predictions as bars.
 *
 * @param {HTMLElement} list
 * @param {{index: number, probability: number}[]} predictions best first
 * @param {Object[]} words the vocabulary, with readings and meanings
 */
export function showPredictions(list, predictions, words) {
  while (list.children.length > predictions.length) list.lastChild.remove();
  for (const [rank, { index, probability }] of predictions.entries()) {
    const { gloss, transliteration = "" } = words[index];
    const item = list.children[rank] ?? list.appendChild(makeRow());
    const [name, note, bar, value] = item.children;
    name.textContent = gloss;
    name.lang = languageOf(gloss);
    note.textContent = transliteration;
    bar.firstChild.style.inlineSize = `${Math.round(probability * 100)}%`;
    value.textContent = percent(probability);
  }
}

function makeRow() {
  const item = document.createElement("li");
  const bar = make("span", "meter", "");
  bar.setAttribute("aria-hidden", "true");
  bar.append(make("span", "", ""));
  const [name, note] = [make("span", "gloss", ""), make("span", "note", "", "en")];
  item.append(name, note, bar, make("span", "value", ""));
  return item;
}
