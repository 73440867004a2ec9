// Keeping what was taught: the browser is asked not to clear it, and the visitor is reminded
// of clips that are in no file yet.
import { download, recall, remember } from "../parts/device.js";

const FILE = "taught.json"; // the name that signnet looks for beside a model
const PATIENCE = 10; // more unsaved clips before a dismissed reminder comes back

export class Keeping {
  #model;
  #taught;
  #storage;
  #key;
  #saved; // names of clips that are in a file
  #dismissed; // how many clips were unsaved when the reminder was dismissed
  #clipCount;
  #isAsked = false;
  #listeners = [];

  /**
   * @param {Model} model
   * @param {StorageManager} [storage] the browser's; may be missing
   */
  constructor(model, storage = globalThis.navigator?.storage) {
    const { taught } = model;
    this.#model = model;
    this.#taught = taught;
    this.#storage = storage;
    this.#key = taught.keyOf("saved");
    const { saved, dismissed } = recall(this.#key) ?? {};
    this.#saved = new Set(Array.isArray(saved) ? saved : []);
    this.#dismissed = Number.isInteger(dismissed) ? dismissed : null;
    this.#clipCount = this.#names.length;
    taught.onChange(() => {
      this.#askToKeep();
      this.#tell();
    });
  }

  /** Call a function whenever the reminder may have become due, or no longer is. */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }

  get #names() {
    return this.#taught.words.flatMap(({ clips }) => clips.map(({ name }) => name));
  }

  /** Ask the browser once, when something was taught, to keep it even if space is short. */
  #askToKeep() {
    const before = this.#clipCount;
    this.#clipCount = this.#names.length;
    if (this.#isAsked || this.#clipCount <= before) return;
    this.#isAsked = true;
    this.#storage?.persist?.().catch(() => {}); // the words are then kept as long as may be
  }

  /** Glosses with clips that are in no file. */
  get unsaved() {
    const isOpen = ({ clips }) => clips.some(({ name }) => !this.#saved.has(name));
    return this.#taught.words.filter(isOpen).map(({ gloss }) => gloss);
  }

  /** Whether the visitor should be reminded to export. */
  get isDue() {
    const open = this.#openCount;
    return open > 0 && (this.#dismissed === null || open >= this.#dismissed + PATIENCE);
  }

  get #openCount() {
    return this.#names.filter((name) => !this.#saved.has(name)).length;
  }

  /** Be quiet until much more was taught. */
  dismiss() {
    this.#dismissed = this.#openCount;
    this.#store();
  }

  /** Put everything that was taught on this device into a file. */
  export() {
    const content = new Blob([this.#model.save()], { type: "application/json" });
    download(content, FILE);
    this.markSaved(this.#names);
  }

  /** Import a file, whose clips need no export; gives the count of its words. */
  async import(file) {
    const before = new Set(this.#names);
    const count = await this.#model.restore(file);
    this.markSaved(this.#names.filter((name) => !before.has(name)));
    return count;
  }

  /** Remember that clips are in a file. */
  markSaved(names) {
    for (const name of names) this.#saved.add(name);
    this.#dismissed = null;
    this.#store();
  }

  #store() {
    const known = new Set(this.#names);
    const saved = [...this.#saved].filter((name) => known.has(name));
    remember(this.#key, { saved, dismissed: this.#dismissed });
    this.#tell();
  }
}
