// What was collected, kept in the browser's database: sessions, and the clips of each.
import { Problem } from "../engine/index.js";

const NAME = "signnet collected";

/** Turn a request of the database into a promise of its result. */
const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Problem("notKept", String(request.error)));
  });

export class Store {
  #database = null;

  /**
   * Open the database.
   *
   * @throws {Problem} notKept, if the browser keeps nothing
   */
  async open() {
    if (this.#database) return;
    if (!globalThis.indexedDB) throw new Problem("notKept");
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("sessions", { keyPath: "id" });
      request.result.createObjectStore("clips", { keyPath: ["session", "key"] });
    };
    this.#database = await settled(request);
  }

  /**
   * List the sessions, the latest first: {id, created, words, repetitions, signer, session,
   * handedness, consent: {version, text, accepted, video}, waits, skipped, exported}.
   */
  async sessions() {
    const found = await settled(this.#open("sessions").getAll());
    return found.sort((one, other) => (one.created < other.created ? 1 : -1));
  }

  async putSession(session) {
    await this.#write("sessions", (store) => store.put(session));
  }

  /** Delete a session and its clips. */
  async deleteSession(id) {
    await this.#write("clips", (store) => store.delete(ofSession(id)));
    await this.#write("sessions", (store) => store.delete(id));
  }

  /** List the clips of a session in the order of recording; see `putClip`. */
  async clips(id) {
    const found = await settled(this.#open("clips").getAll(ofSession(id)));
    return found.sort((one, other) => (one.recorded < other.recorded ? -1 : 1));
  }

  /** List the keys of a session's clips, without reading them. */
  async keys(id) {
    const found = await settled(this.#open("clips").getAllKeys(ofSession(id)));
    return found.map(([, key]) => key);
  }

  /**
   * Keep a clip in place of an earlier one of its prompt: {session (the id), key, name, gloss,
   * repetition, recorded, aspect, times, landmarks, film: Blob|null}.
   */
  async putClip(clip) {
    await this.#write("clips", (store) => store.put(clip));
  }

  async deleteClip(id, key) {
    await this.#write("clips", (store) => store.delete([id, key]));
  }

  #open(store) {
    return this.#database.transaction(store).objectStore(store);
  }

  /** Write, and wait until it is on the disk; notKept if there is no room. */
  #write(name, change) {
    const options = { durability: "strict" };
    const transaction = this.#database.transaction(name, "readwrite", options);
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(new Problem("notKept", String(transaction.error)));
      change(transaction.objectStore(name));
    });
  }
}

const ofSession = (id) => IDBKeyRange.bound([id], [id, []]);
