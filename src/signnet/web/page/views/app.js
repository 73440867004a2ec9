// Starts the page: what it needs to know, its language, its addresses.
import { Engine } from "../recognise/engine.js";
import { current, date, number, onLanguage, setLanguage, t, translate } from "../text/i18n.js";
import { Lessons } from "../teach/taught.js";
import { Live } from "./live.js";
import { loadAll, loadJson } from "../browser/loader.js";
import { readMotions } from "../figure/player.js";
import { Practise } from "./practise.js";
import { explain } from "./result.js";
import { onVoice } from "../text/speech.js";
import { Teach } from "../teach/teach.js";
import { WordPage } from "./word.js";
import { Words } from "./words.js";

const $ = (id) => document.getElementById(id);
const VIEWS = ["live", "words", "word", "about"];

async function start() {
  onLanguage(showLanguage);
  $("language").addEventListener("click", () => setLanguage(current() === "bn" ? "en" : "bn"));
  $("reload").addEventListener("click", () => location.reload());
  try {
    const names = ["files", "model", "words", "stream", "skeleton"];
    const [files, card, meanings, settings, skeleton] = await Promise.all(
      names.map((name) => loadJson(`${name}.json`)),
    );
    const words = card.vocabulary.map((gloss) => ({ gloss, ...meanings[gloss] }));
    await build(files, { card, words, settings, skeleton });
    keepForLater();
  } catch (error) {
    showBroken(error);
  }
}

async function build({ large }, { card, words, settings, skeleton }) {
  const engine = new Engine(large, settings, skeleton.parts);
  const live = new Live(engine, { card, words, skeleton });
  const motions = motionsOf(large);
  const practise = new Practise(words, motions, skeleton);
  const wordPage = new WordPage(words, motions, skeleton);
  const list = new Words(words);
  const teach = large.anchors
    ? await teachingOf({ card, large, engine, live, words, list, skeleton })
    : null;
  onLanguage(() => showAbout(card));
  onLanguage(() => onVoice(showVoice));
  const route = () => go({ live, practise, teach, wordPage, words });
  addEventListener("hashchange", route);
  addEventListener("online", () => live.backOnline());
  for (const event of ["online", "offline"]) addEventListener(event, showNetwork);
  onLanguage(showNetwork);
  route();
}

/** Let words be taught, if the model can learn. */
async function teachingOf({ card, large, engine, live, words, list, skeleton }) {
  const model = { name: card.name, sha256: large.model.sha256, axes: card.axes };
  const lessons = new Lessons(model, words, (points, width) => engine.teach(points, width));
  await lessons.load();
  lessons.onChange(() => list.refresh());
  for (const link of document.querySelectorAll("[data-teaching]")) link.hidden = false;
  return new Teach({ lessons, engine, live, words, skeleton });
}

/** Load the motions when a word is first looked at; a fault leaves pages without them. */
function motionsOf({ motions }) {
  let loaded = null;
  return () => {
    loaded ??= loadAll({ motions }, () => {}).then(
      ({ motions: buffer }) => readMotions(buffer),
      () => {
        loaded = null;
        return new Map();
      },
    );
    return loaded;
  };
}

function go({ live, practise, teach, wordPage, words }) {
  const [, page = "", gloss = ""] = decodeURIComponent(location.hash).split("/");
  const word = words.find((one) => one.gloss === gloss.normalize("NFC"));
  const isPractice = page === "practise" && word;
  const isTeaching = page === "teach" && teach !== null;
  const view = page === "words" ? (word ? "word" : "words") : page === "about" ? "about" : "live";
  wordPage.leave();
  practise.leave();
  teach?.leave();
  for (const name of VIEWS) $(`view-${name}`).hidden = name !== view;
  $("side-live").hidden = Boolean(isPractice || isTeaching);
  $("side-teach").hidden = !isTeaching;
  $("side-practise").hidden = !isPractice;
  $("welcome-text").dataset.t = isPractice
    ? "practiseWelcome"
    : isTeaching
      ? "teachWelcome"
      : "welcomeText";
  $("welcome-text").textContent = t($("welcome-text").dataset.t);
  live.onEvent = isPractice
    ? (event) => practise.hear(event)
    : isTeaching
      ? (event) => teach.hear(event)
      : null;
  live.record(isTeaching);
  if (view !== "live") live.leave();
  if (view === "word") wordPage.show(word);
  if (isPractice) practise.show(word);
  if (isTeaching) teach.show(word);
  showPlace(isTeaching ? "teach" : view, word);
}

let wasShown = false;

function showPlace(view, word) {
  for (const link of document.querySelectorAll("[data-route]")) {
    const isHere = link.dataset.route === (view === "word" ? "words" : view);
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = word ? `${word.gloss} · signnet` : "signnet";
  if (wasShown) {
    $("main").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  wasShown = true;
}

function showLanguage() {
  translate();
  $("language").textContent = t("other");
  $("language").lang = current() === "bn" ? "en" : "bn";
}

function showAbout(card) {
  $("about-model").textContent = t(
    "aboutModel",
    card.name,
    number(card.vocabulary.length),
    date(card.created ?? ""),
  );
  $("tips").replaceChildren(
    ...t("tips").map((tip) => Object.assign(document.createElement("li"), { textContent: tip })),
  );
}

function showVoice(hasVoice) {
  $("voice-note").textContent = t(hasVoice ? "voiceFound" : "voiceMissing");
}

function showNetwork() {
  $("offline").hidden = navigator.onLine;
  $("offline").textContent = navigator.onLine ? "" : t("offline");
}

function showBroken(error) {
  console.info(`signnet: ${error.code ?? error.name}: ${error.message}`);
  for (const name of VIEWS) $(`view-${name}`).hidden = true;
  $("view-broken").hidden = false;
  onLanguage(() => {
    const { title, text } = explain(error.code);
    $("broken-title").textContent = title;
    $("broken-text").textContent = text;
  });
}

/** Let the page work without a network from the next visit on. */
function keepForLater() {
  navigator.serviceWorker?.register("service-worker.js").catch(() => {}); // not in private windows
}

start();
