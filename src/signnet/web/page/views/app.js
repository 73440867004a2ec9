// Starts the page: loads what it needs, builds its views, follows the address.
import { load } from "../engine/index.js";
import { logError } from "../parts/device.js";
import { explainInOneLine } from "../teach/taughtlist.js";
import { Plan } from "../teach/plan.js";
import { Teach } from "../teach/teach.js";
import { Trial } from "../teach/trial.js";
import { make, readGloss } from "../text/gloss.js";
import {
  current,
  date,
  explain,
  number,
  onLanguage,
  setLanguage,
  t,
  translate,
} from "../text/i18n.js";
import { onVoice } from "../text/speech.js";
import { Collect } from "./collect.js";
import { Find } from "./find.js";
import { Live } from "./live.js";
import { LiveSign } from "./livesign.js";
import { Practise } from "./practise.js";
import { WordPage } from "./word.js";
import { WordList } from "./words.js";
import { Yours } from "./yours.js";
import { linkToYours } from "./yourslink.js";

const $ = (id) => document.getElementById(id);
const VIEWS = ["live", "words", "word", "about"];
const SIDES = ["teach", "practise", "yours", "find", "collect"];

async function start() {
  onLanguage(showLanguage);
  $("language").addEventListener("click", () => setLanguage(current() === "bn" ? "en" : "bn"));
  $("reload").addEventListener("click", () => location.reload());
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address names a view; its part after # is taken
    $("main").focus();
  });
  try {
    build(await load("./", { keep: true }));
    // The page then works without a network from the next visit on.
    navigator.serviceWorker?.register("service-worker.js").catch(() => {}); // not in private windows
  } catch (error) {
    showBroken(error);
  }
}

function build(model) {
  const { words, card, taught } = model;
  const live = new Live(model);
  const liveSign = new LiveSign(model);
  const wordPage = new WordPage(model);
  const list = new WordList(words);
  const teaching = taught && teachingOf(model);
  const teach = taught && enableTeaching(model, live, teaching, list);
  const practise = new Practise(model, teaching);
  const find = new Find(model, teaching);
  const yours = taught && model.ownWords.length ? makeYours(model, live) : null;
  const count = taught?.givenCount ?? words.length;
  onLanguage(() => showAbout(card, count));
  onLanguage(() => onVoice(showVoice));
  const collect = new Collect(model, live);
  const views = { live, liveSign, practise, teach, yours, find, collect, wordPage, words };
  const route = () => follow(views);
  addEventListener("hashchange", route);
  addEventListener("online", () => live.backOnline());
  for (const event of ["online", "offline"]) addEventListener(event, showNetwork);
  document.addEventListener("visibilitychange", () => followSight(views));
  onLanguage(showNetwork);
  route();
}

/** Let words be taught, and follow what changes with them. */
function enableTeaching(model, live, { remember, explain: explainProblem }, list) {
  model.taught.onChange(() => {
    list.refresh();
    live.changeWords();
  });
  Object.assign(live.card, { remember, explain: explainProblem });
  for (const link of document.querySelectorAll("[data-teaching]")) link.hidden = false;
  return new Teach(model, live);
}

/** Give what views need to keep a clip that was just recognised. */
const teachingOf = (model) => ({
  remember: (word, clip) => model.teach(word.gloss, clip, { ...word, despiteDoubts: true }),
  isShown: ({ gloss }) => model.taught.clipsOf(gloss).length > 0,
  explain: explainInOneLine,
});

/** Let the visitor show how they sign the model's own words, and invite them until it is done. */
function makeYours(model, live) {
  const plan = new Plan(model.ownWords, model.taught);
  linkToYours(plan, model.taught, model.card);
  return new Yours({ plan, trial: new Trial(), model, live });
}

/** Read an address such as #/words/বই: the view, and the word if there is one. */
function parseAddress({ words, teach, yours }) {
  const [, page = "", ...rest] = location.hash.split("/");
  const gloss = readGloss(rest.join("/"));
  const word = words.find((one) => one.gloss === gloss);
  if (page === "practise" && word) return { name: "practise", word };
  if (page === "teach" && teach) return { name: "teach", word };
  if (page === "yours" && yours) return { name: "yours" };
  if (page === "find" || page === "collect") return { name: page };
  if (page === "words") return { name: word ? "word" : "words", word };
  return { name: page === "about" ? "about" : "live", word };
}

/** Show what the address names; some views stand beside the stage. */
function follow({ live, liveSign, practise, teach, yours, find, collect, wordPage, words }) {
  const { name, word } = parseAddress({ words, teach, yours });
  const side = { practise, teach, yours, find, collect }[name] ?? null;
  const view = side ? "live" : name;
  wordPage.leave();
  practise.leave();
  teach?.leave();
  yours?.leave();
  find.leave();
  collect.leave();
  for (const one of VIEWS) $(`view-${one}`).hidden = one !== view;
  $("side-live").hidden = side !== null;
  for (const one of SIDES) $(`side-${one}`).hidden = name !== one;
  $("stage").dataset.view = name;
  showWelcome(name, words.length);
  liveSign.want(name === "live" && words.length > 0);
  live.onEvent = side && ((event, isFilm) => side.onEvent(event, isFilm));
  live.record(["teach", "yours", "find", "collect"].includes(name));
  if (view === "live" && side !== collect) live.comeBack();
  else live.leave(); // collecting turns the camera on where it is needed
  if (view === "word") wordPage.show(word);
  side?.show(word);
  showAddress(name, word);
}

/** Let nothing run in a window that cannot be seen. */
function followSight({ live, collect }) {
  if (document.hidden) live.leave();
  else if (!$("view-live").hidden && !collect.isCalm) live.comeBack();
}

const WELCOME = {
  practise: "practiseWelcome",
  teach: "teachWelcome",
  yours: "yours.cameraWelcome",
  find: "find.welcome",
  collect: "collect.cameraWelcome",
};

/** Say what to do before the camera; a page that knows no word leads to teaching. */
function showWelcome(name, wordCount) {
  const isEmpty = name === "live" && wordCount === 0;
  const key = WELCOME[name] ?? (isEmpty ? "noWordsMore" : "welcomeText");
  const title = name === "collect" ? "collect.title" : isEmpty ? "noWords" : "welcomeTitle";
  for (const [id, one] of Object.entries({ "welcome-text": key, "welcome-title": title })) {
    $(id).dataset.t = one;
    $(id).textContent = t(one);
  }
  $("welcome-start").hidden = isEmpty;
  $("welcome-teach").hidden = !isEmpty;
}

const ROUTES = { word: "words", practise: "live", yours: "live", find: "words", collect: "about" }; // which link of the header is current
let isFirst = true;

function showAddress(name, word) {
  for (const link of document.querySelectorAll("[data-route]")) {
    if (link.dataset.route === (ROUTES[name] ?? name)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = word ? `${word.gloss} · signnet` : "signnet";
  if (!isFirst) {
    $("main").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  isFirst = false;
}

function showLanguage() {
  translate();
  $("language").textContent = t("other");
  $("language").lang = current() === "bn" ? "en" : "bn";
}

function showAbout({ name, created }, count) {
  $("about-model").textContent = t("aboutModel", name, number(count), date(created ?? ""));
  $("tips").replaceChildren(...t("tips").map((tip) => make("li", "", tip)));
}

function showVoice(hasVoice) {
  $("voice-note").textContent = t(hasVoice ? "voiceFound" : "voiceMissing");
}

function showNetwork() {
  $("offline").hidden = navigator.onLine;
  $("offline").textContent = navigator.onLine ? "" : t("offline");
}

function showBroken(error) {
  logError(error);
  for (const name of VIEWS) $(`view-${name}`).hidden = true;
  $("view-broken").hidden = false;
  onLanguage(() => {
    const { title, text } = explain(error.code);
    $("broken-title").textContent = title;
    $("broken-text").textContent = text;
  });
}

start();
