// The card of the word that was recognised last, and the five most likely ones.
import { languageOf, make, makeGloss, meaningOf } from "../text/gloss.js";
import { current, percent, t } from "../text/i18n.js";

const LEAST_SHOWN = 0.005; // a smaller probability rounds to 0 %

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

/** Leave out predictions that would be shown as 0 %. */
export const worthShowing = (predictions) =>
  predictions.filter(({ probability }) => probability >= LEAST_SHOWN);

/**
 * Show predictions as bars. One that rounds to 0 % has none; until a sign has ended, it is
 * left out.
 *
 * @param {HTMLElement} list
 * @param {{gloss: string, probability: number}[]} predictions best first
 * @param {(gloss: string) => Object} wordOf gives a word with its reading
 * @param {boolean} isFinal whether the sign has ended; one of them can then be chosen
 */
export function showPredictions(list, predictions, wordOf, isFinal) {
  const shown = isFinal ? predictions : worthShowing(predictions);
  while (list.children.length > shown.length) list.lastChild.remove();
  for (const [rank, { gloss, probability }] of shown.entries()) {
    const { transliteration = "" } = wordOf(gloss);
    const item = list.children[rank] ?? list.appendChild(makeRow());
    const [name, note, bar, value] = item.firstElementChild.children;
    item.firstElementChild.dataset.gloss = gloss;
    name.textContent = gloss;
    name.lang = languageOf(gloss);
    note.textContent = transliteration;
    bar.hidden = worthShowing([{ probability }]).length === 0;
    bar.firstChild.style.inlineSize = `${Math.round(probability * 100)}%`;
    value.textContent = bar.hidden ? "" : percent(probability);
  }
}

/**
 * Let a guess be chosen, and show which one is.
 *
 * @param {HTMLElement} list
 * @param {string|null} [chosen] gloss of the word; null for none, undefined as long as
 *   nothing can be chosen
 */
export function showChoice(list, chosen) {
  list.classList.toggle("open", chosen !== undefined);
  for (const { firstElementChild: button } of list.children) {
    button.setAttribute("aria-disabled", chosen === undefined);
    button.setAttribute("aria-pressed", button.dataset.gloss === chosen);
  }
}

function makeRow() {
  const item = document.createElement("li");
  const button = Object.assign(make("button", "guess", ""), { type: "button" });
  const bar = make("span", "meter", "");
  bar.setAttribute("aria-hidden", "true");
  bar.append(make("span", "", ""));
  const [name, note] = [make("span", "gloss", ""), make("span", "note", "", "en")];
  button.append(name, note, bar, make("span", "value", ""));
  item.append(button);
  return item;
}
