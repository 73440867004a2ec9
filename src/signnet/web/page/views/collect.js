// Collecting signs for a corpus: the set-up with the signer's consent, then one word after
// the other before the camera, and the sessions that are kept in this browser.
import { Recording } from "../collect/recording.js";
import { Store } from "../collect/store.js";
import { logError } from "../parts/device.js";
import { onLanguage } from "../text/i18n.js";
import { CollectCard } from "./collectcard.js";
import { CollectKept } from "./collectkept.js";
import { CollectSetup } from "./collectsetup.js";

const $ = (id) => document.getElementById(id);
const KEYS = { " ": "go", r: "again", backspace: "again", s: "skip" };
const TYPING = "input, textarea, select, summary, canvas, a";

export class Collect {
  #store = new Store();
  #recording;
  #setup;
  #card;
  #kept;
  #isActive = false;
  #isRecording = false; // whether a session is open

  /**
   * @param {Model} model
   * @param {Live} live
   */
  constructor(model, live) {
    const page = { live, model, store: this.#store, video: $("video") };
    this.#recording = new Recording(page, () => this.#show());
    this.#setup = new CollectSetup(model.ownWords, (session) => this.#begin(session));
    this.#kept = new CollectKept(this.#store, (session) => this.#open(session));
    this.#card = new CollectCard(model.skeleton, this.#recording, (name) => this.#actions[name]());
    document.addEventListener("keydown", (event) => this.#press(event));
    // The stream ends with the sign that was begun, which would be kept as a whole one.
    document.addEventListener("visibilitychange", () => document.hidden && this.#rest());
    onLanguage(() => this.#show());
  }

  #actions = {
    go: () => this.#recording.toggle(),
    again: () => this.#recording.again(),
    skip: () => this.#recording.skip(),
    finish: () => this.#finish(),
  };

  /** Whether the camera is not needed. */
  get isCalm() {
    return this.#isActive && this.#recording.isCalm;
  }

  async show() {
    this.#isActive = true;
    this.#show();
    try {
      await this.#store.open();
      await this.#kept.refresh();
    } catch (error) {
      logError(error);
      this.#setup.refuse(error.code);
    }
  }

  leave() {
    if (!this.#isActive) return;
    this.#rest();
    this.#isActive = false;
    this.#card.leave();
    $("view-live").dataset.collect = "";
  }

  #rest() {
    if (!this.#recording.isCalm) this.#recording.pause();
  }

  /** Take an event of the stream. */
  onEvent(event, isFilm) {
    if (this.#isRecording) this.#recording.onEvent(event, isFilm);
  }

  async #begin(session) {
    await this.#store.open();
    await this.#store.putSession(session);
    globalThis.navigator?.storage?.persist?.().catch(() => {}); // kept as long as may be
    await this.#open(session);
  }

  async #open(session) {
    this.#isRecording = true;
    await this.#recording.open(session);
    scrollTo(0, 0);
    $("collect-go").focus({ preventScroll: true });
  }

  async #finish() {
    this.#recording.pause();
    this.#isRecording = false;
    this.#show();
    await this.#kept.refresh();
    $("collect-kept").scrollIntoView({ block: "nearest" });
    $("collect-kept-says").focus({ preventScroll: true });
  }

  /** Follow a key, unless it means something where the focus is. */
  #press(event) {
    const name = KEYS[event.key.toLowerCase()];
    const isTaken = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
    if (!name || isTaken || !this.#isActive || !this.#isRecording) return;
    if (event.target.closest?.(TYPING)) return;
    if (event.key === " " && event.target.closest?.("button")) return; // which it presses
    event.preventDefault();
    this.#actions[name]();
  }

  #show() {
    if (!this.#isActive) return;
    const isRecording = this.#isRecording;
    $("view-live").dataset.collect = isRecording ? "record" : "setup";
    $("collect-setup").hidden = isRecording;
    $("collect-kept").hidden = isRecording;
    $("collect-record").hidden = !isRecording;
    if (isRecording) return this.#card.show();
    this.#card.leave();
    this.#setup.translate();
    this.#kept.translate();
  }
}
