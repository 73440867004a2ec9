// The set-up of a session: words, signer, and the consent without which nothing begins.
import { versionOf } from "../collect/consent.js";
import { FilmRecorder } from "../collect/filming.js";
import { MOST_PROMPTS } from "../collect/prompts.js";
import { readWords } from "../collect/wordlist.js";
import { recall, remember } from "../parts/device.js";
import { textsOf, counted, explainInText, number, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);
const KEY = "signnet collect";
const LARGEST = 1_000_000; // bytes of a word list
// What is offered again to the next signer, by the id of its field.
const KEPT = ["words", "repetitions", "consent-text", "consent-version"];

export class CollectSetup {
  #own;
  #message = () => "";
  #beginning = null; // while a session is made

  /**
   * @param {{gloss: string}[]} own the model's words
   * @param {(session: Object) => Promise<void>} onBegin called with a new session; see Store
   */
  constructor(own, onBegin) {
    this.#own = own.map(({ gloss }) => gloss).join("\n");
    this.#recall();
    $("collect-own").hidden = !own.length;
    $("collect-video").closest("label").hidden = !FilmRecorder.isPossible;
    $("collect-own").addEventListener("click", () => this.#fill(this.#own));
    $("collect-open").addEventListener("click", () => $("collect-file").click());
    $("collect-file").addEventListener("change", () => this.#read());
    $("collect-form").addEventListener("input", () => this.translate());
    $("collect-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#beginning ??= this.#submit(onBegin)
        .catch((error) => this.refuse(error.code))
        .finally(() => (this.#beginning = null));
    });
    for (const name of ["signer", "session"])
      // nothing but spaces is then missing
      $(`collect-${name}`).addEventListener("change", ({ target }) => {
        target.value = clean(target.value);
      });
  }

  #recall() {
    const stored = recall(KEY) ?? {};
    for (const name of KEPT) $(`collect-${name}`).value = stored[name] ?? "";
    $("collect-words").value ||= this.#own;
    $("collect-repetitions").value ||= 1;
    $("collect-waits").checked = stored.waits === true;
    const now = new Date();
    const local = new Date(now - 60_000 * now.getTimezoneOffset());
    $("collect-session").value = local.toISOString().slice(0, 10);
  }

  #remember() {
    const fields = Object.fromEntries(KEPT.map((name) => [name, $(`collect-${name}`).value]));
    remember(KEY, { ...fields, waits: $("collect-waits").checked });
  }

  #fill(words) {
    $("collect-words").value = words;
    this.#tell(() => "");
  }

  async #read() {
    const [file] = $("collect-file").files;
    $("collect-file").value = "";
    if (!file) return;
    const isTable = /\.(csv|tsv)$/i.test(file.name);
    const text = file.size > LARGEST ? null : await decode(file);
    const words = text === null ? [] : readWords(text, isTable);
    if (words.length) this.#fill(words.join("\n"));
    else this.#tell(() => t("collect.badList"));
  }

  get #words() {
    return readWords($("collect-words").value);
  }

  get #consent() {
    return $("collect-consent-text").value.trim() || t("collect.consentDefault");
  }

  /** Say why nothing can begin, by the code of a problem. */
  refuse(code) {
    this.#tell(() => explainInText(code ?? "unknown"));
  }

  #tell(message) {
    this.#message = message;
    this.translate();
  }

  async #submit(onBegin) {
    const words = this.#words;
    const repetitions = Number($("collect-repetitions").value);
    if (!words.length) return this.#tell(() => t("collect.noWords"));
    if (words.length * repetitions > MOST_PROMPTS)
      return this.#tell(() => t("collect.tooMany", number(MOST_PROMPTS)));
    this.#remember();
    const session = { words, repetitions, ...(await this.#facts()) };
    this.#tell(() => "");
    await onBegin(session);
    $("collect-form").querySelectorAll("[type=checkbox]").forEach(untickAgreement);
    $("collect-signer").value = "";
  }

  async #facts() {
    const [random] = crypto.getRandomValues(new Uint32Array(1));
    const created = new Date().toISOString();
    const text = this.#consent;
    const version = await this.#version();
    const video = $("collect-video").checked;
    return {
      id: random.toString(16).padStart(8, "0"),
      created,
      signer: clean($("collect-signer").value),
      session: clean($("collect-session").value),
      handedness: $("collect-hand").value,
      consent: { version, text, accepted: created, video },
      waits: $("collect-waits").checked,
      skipped: [],
      exported: false,
    };
  }

  #version() {
    const own = textsOf("collect.consentDefault");
    return versionOf(this.#consent, $("collect-consent-version").value, own);
  }

  /** Show the consent's text; who agreed to another one has not agreed to this. */
  #showConsent() {
    const text = this.#consent;
    if ($("collect-consent").textContent === text) return;
    $("collect-consent").textContent = text;
    $("collect-agrees").checked = false;
  }

  /** Write what depends on the language and the fields. */
  async translate() {
    const count = this.#words.length;
    const prompts = count * Number($("collect-repetitions").value);
    $("collect-count").textContent = t(
      "collect.count",
      counted("collect.wordCount", count),
      number(prompts),
    );
    this.#showConsent();
    $("collect-problem").textContent = this.#message();
    $("collect-version").textContent = t("collect.version", await this.#version());
  }
}

const clean = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();

function untickAgreement(box) {
  if (box.id !== "collect-waits") box.checked = false;
}

/** Read a text file as UTF-8, or UTF-16 where it says so; null if it is neither. */
async function decode(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const marks = { "255,254": "utf-16le", "254,255": "utf-16be" };
  const encoding = marks[String(bytes.slice(0, 2))] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
