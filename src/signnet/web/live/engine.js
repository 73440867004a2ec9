// The tracker and the recogniser: loaded once, on demand, and started again after a fault.
import { loadAll } from "./loader.js";
import { lacking, Problem } from "./problem.js";
import { StreamingRecogniser } from "./stream.js";
import { Helper } from "./worker.js";

const NEEDED = ["tracker", "runtime", "pose", "hands", "model"];

export class Engine {
  #large;
  #settings;
  #tracker = null;
  #recogniser = null;
  #opening = null;
  #wasm = "";

  /**
   * @param {Object} large the `large` part of files.json
   * @param {Object} settings the content of stream.json
   */
  constructor(large, settings) {
    this.#large = Object.fromEntries(NEEDED.map((name) => [name, large[name]]));
    this.#settings = settings;
  }

  get bytes() {
    return Object.values(this.#large).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get ready() {
    return this.#recogniser !== null;
  }

  /**
   * Load and start everything, unless it runs already; a fault is a Problem, after which
   * it may be called again.
   */
  async open(onProgress) {
    const lack = lacking();
    if (lack) throw lack;
    this.#opening ??= this.#open(onProgress).catch((error) => {
      this.close();
      throw error;
    });
    return this.#opening;
  }

  async #open(onProgress) {
    const files = await loadAll(this.#large, onProgress);
    const tracker = new Helper("tracker.worker.js", "classic", "trackerFailed");
    const recogniser = new Helper("recogniser.worker.js", "module", "modelFailed");
    // Each landmarker reads it, and one is opened later on.
    const wasm = URL.createObjectURL(new Blob([files.tracker], { type: "application/wasm" }));
    const base = new URL(".", document.baseURI).href;
    const given = { base, wasm, poseModel: files.pose, handModel: files.hands };
    try {
      await Promise.all([
        tracker.ask("open", given, [files.pose, files.hands]),
        recogniser.ask("open", { wasm: files.runtime, model: files.model }, [files.runtime, files.model]),
      ]);
    } catch (error) {
      tracker.close();
      recogniser.close();
      URL.revokeObjectURL(wasm);
      throw error;
    }
    this.#wasm = wasm;
    this.#tracker = tracker;
    this.#recogniser = recogniser;
  }

  close() {
    this.#tracker?.close();
    this.#recogniser?.close();
    URL.revokeObjectURL(this.#wasm);
    this.#tracker = this.#recogniser = this.#opening = null;
  }

  /** Find the joints in a picture (an ImageBitmap, which is given away). */
  async see(picture, seconds) {
    if (!this.#tracker) throw new Problem("trackerFailed", "not open");
    return this.#tracker.ask("see", { picture, seconds }, [picture]);
  }

  /** Forget earlier pictures: another source begins. */
  async reset() {
    await this.#tracker?.ask("reset");
  }

  /** Give the probabilities of all glosses for landmarks [frames, 553, 3]. */
  async classify(landmarks, frames) {
    if (!this.#recogniser) throw new Problem("modelFailed", "not open");
    const given = { landmarks, frames };
    return (await this.#recogniser.ask("classify", given, [landmarks.buffer])).probabilities;
  }

  /** Begin a stream of frames that yields events. */
  stream() {
    return new StreamingRecogniser((landmarks, frames) => this.classify(landmarks, frames), this.#settings);
  }
}
