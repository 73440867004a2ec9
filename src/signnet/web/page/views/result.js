// The word that was recognised last, and the five most likely ones.
import { current, percent, t } from "../text/i18n.js";
import { languageOf } from "./transcript.js";

const make = (tag, className, text, lang) => {
  const element = Object.assign(document.createElement(tag), { className, textContent: text });
  if (lang) element.lang = lang;
  return element;
};

/** Put a word with its reading and meaning into an element. */
export function showWord(place, word, eyebrow) {
  const gloss = make("p", "word", word.gloss, languageOf(word.gloss));
  place.replaceChildren(gloss);
  const gist = gistOf(word);
  if (gist) place.append(make("p", "gist", gist, "en"));
  if (eyebrow) place.append(make("p", "fine", eyebrow));
}

export const gistOf = ({ transliteration, english }) =>
  [transliteration, english].filter(Boolean).join(" · ");

/** Put a short message where the word stands. */
export function showMessage(place, title, text) {
  place.replaceChildren(
    make("p", "word muted", title, current()),
    make("p", "fine", text, current()),
  );
}

/** Show predictions [{index, probability}] as bars; `words` says what they mean. */
export function showGuesses(list, predictions, words) {
  while (list.children.length > predictions.length) list.lastChild.remove();
  predictions.forEach(({ index, probability }, place) => {
    const item = list.children[place] ?? list.appendChild(newRow());
    const [name, note, bar, value] = item.children;
    name.textContent = words[index].gloss;
    name.lang = languageOf(words[index].gloss);
    note.textContent = words[index].transliteration ?? "";
    bar.firstChild.style.inlineSize = `${Math.round(probability * 100)}%`;
    value.textContent = percent(probability);
  });
}

function newRow() {
  const item = document.createElement("li");
  const bar = make("span", "meter", "");
  bar.setAttribute("aria-hidden", "true");
  bar.append(make("span", "", ""));
  item.append(
    make("span", "gloss", ""),
    make("span", "note", "", "en"),
    bar,
    make("span", "value", ""),
  );
  return item;
}

export const noGuesses = (list) => list.replaceChildren();

/** Say what cannot go on, with a title and a way out. */
export function explain(code) {
  const known = Array.isArray(t(`problem.${code}`)) ? code : "unknown";
  const [title, text] = t(`problem.${known}`);
  return { title, text };
}
