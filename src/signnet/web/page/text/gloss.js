// How a word is written on every page: its gloss, its reading and meaning, its address.

/** Give the language of a text, so that it is shown and read aloud rightly. */
export const languageOf = (text) => (/[\u0980-\u09ff]/.test(text) ? "bn" : "en");

/** Write a word's reading in Latin letters and its meaning in English, as far as known. */
export const meaningOf = ({ transliteration, english }) =>
  [transliteration, english].filter(Boolean).join(" · ");

/** Give the address of a word's view: "words", "practise" or "teach". */
export const addressOf = ({ gloss }, view = "words") => `#/${view}/${encodeURIComponent(gloss)}`;

/** Read the gloss of such an address; "" if it is none. */
export function readGloss(text) {
  try {
    return decodeURIComponent(text).normalize("NFC");
  } catch {
    return "";
  }
}

/** Make an element with a class and a text; `lang` is the language of the text. */
export function make(tag, className, textContent, lang) {
  const element = Object.assign(document.createElement(tag), { className, textContent });
  if (lang) element.lang = lang;
  return element;
}

/** Make an element that shows a gloss. */
export const makeGloss = ({ gloss }, tag = "span", className = "gloss") =>
  make(tag, className, gloss, languageOf(gloss));

/** Show a gloss in an element that is there. */
export function showGloss(element, gloss) {
  element.textContent = gloss;
  element.lang = languageOf(gloss);
}
