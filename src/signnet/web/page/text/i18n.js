// The reader's language: chosen once, remembered, and applied to the page's own text.
import bn from "./bn.js";
import en from "./en.js";

const TEXTS = { en, bn };
const KEY = "signnet language";
const listeners = new Set();
let language = remembered() ?? preferred();

function remembered() {
  try {
    const chosen = localStorage.getItem(KEY);
    return chosen in TEXTS ? chosen : null;
  } catch {
    return null; // storage may be forbidden
  }
}

function preferred() {
  const languages = globalThis.navigator?.languages ?? [];
  return languages.some((one) => one.startsWith("bn")) ? "bn" : "en";
}

/** The language of the page: "bn" or "en". */
export const current = () => language;

const find = (key, texts) => key.split(".").reduce((found, name) => found?.[name], texts);

/** Give a text in all languages of the page. */
export const textsOf = (key) => Object.values(TEXTS).map((texts) => find(key, texts));

/** Give a text by its key (`hint.dark`), with values put in where it takes some. */
export function t(key, ...values) {
  const text = find(key, TEXTS[language]);
  return typeof text === "function" ? text(...values) : (text ?? key);
}

/** Give a text that depends on a count, such as "1 clip" or "2 clips". */
export const counted = (key, count) => t(key, count, number(count));

/** Explain a problem by its code: {title, text}, with a way out. */
export function explain(code) {
  const known = Array.isArray(t(`problem.${code}`)) ? code : "unknown";
  const [title, text] = t(`problem.${known}`);
  return { title, text };
}

/** Explain a problem by its code in two sentences. */
export function explainInText(code) {
  const { title, text } = explain(code);
  return `${title}${language === "bn" ? "।" : "."} ${text}`;
}

/** Write a number with the language's digits. */
export function number(value, options) {
  return new Intl.NumberFormat(language === "bn" ? "bn-BD" : "en", options).format(value);
}

/** Write a text such as 3:05 with the language's digits. */
export const withDigits = (text) => text.replace(/\d/g, (digit) => number(Number(digit)));

/** Write a share from 0 to 1 in per cent. */
export const percent = (share) => number(share, { style: "percent", maximumFractionDigits: 0 });

/** Write bytes in whole megabytes. */
export const megabytes = (bytes) => number(bytes / 1e6, { maximumFractionDigits: 0 });

/** Write a date such as 2026-11-22 as the language does. */
export function date(text) {
  const day = new Date(`${text}T00:00:00`);
  if (Number.isNaN(day.valueOf())) return text;
  const locale = language === "bn" ? "bn-BD" : "en-GB";
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(day);
}

/** Call a function now and whenever the language changes. */
export function onLanguage(listener) {
  listeners.add(listener);
  listener();
}

/** Change the language to "bn" or "en". */
export function setLanguage(chosen) {
  language = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // the choice then lasts as long as the page
  }
  for (const listener of listeners) listener();
}

/** Write every text that is marked in the page (data-t, data-t-label) in the language. */
export function translate(root = document) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll("[data-t]"))
    element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]"))
    element.setAttribute("aria-label", t(element.dataset.tLabel));
}
