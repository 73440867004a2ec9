// The reader's language: chosen once, kept, and applied to the page's own text.
import bn from "./bn.js";
import en from "./en.js";

const TEXTS = { en, bn };
const KEY = "signnet language";
let language =
  remembered() ?? (navigator.languages?.some((one) => one.startsWith("bn")) ? "bn" : "en");
const listeners = new Set();

function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept in TEXTS ? kept : null;
  } catch {
    return null; // storage may be forbidden
  }
}

export const current = () => language;

/** Give a text by its key (`hint.dark`), with values put in where it takes some. */
export function t(key, ...values) {
  const text = key.split(".").reduce((place, name) => place?.[name], TEXTS[language]);
  return typeof text === "function" ? text(...values) : (text ?? key);
}

/** Write a number with the language's digits. */
export function number(value, options) {
  return new Intl.NumberFormat(language === "bn" ? "bn-BD" : "en", options).format(value);
}

export const percent = (share) => number(share, { style: "percent", maximumFractionDigits: 0 });

/** Write a date such as 2026-11-22 as the language does. */
export function date(text) {
  const day = new Date(`${text}T00:00:00`);
  if (Number.isNaN(day.valueOf())) return text;
  return new Intl.DateTimeFormat(language === "bn" ? "bn-BD" : "en-GB", {
    dateStyle: "long",
  }).format(day);
}

/** Call a function now and whenever the language changes. */
export function onLanguage(listener) {
  listeners.add(listener);
  listener();
}

export function setLanguage(chosen) {
  language = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // the choice then lasts as long as the page
  }
  for (const listener of listeners) listener();
}

/** Put the language into everything that is marked in the page. */
export function translate(root = document) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll("[data-t]"))
    element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
}
