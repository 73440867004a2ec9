// The tracker and the recogniser: loaded once, on demand, and started again after a fault.
import { loadAll } from "../browser/loader.js";
import { lacking, Problem } from "../browser/problem.js";
import { StreamingRecogniser } from "./stream.js";
import { ABSTAIN_BELOW } from "./teaching.js";
import { Tracker } from "../capture/tracker.js";
import { Helper } from "../browser/worker.js";

const NEEDED = ["tracker", "runtime", "pose", "hands", "model", "anchors"];

export class Engine {
  #large;
  #settings;
  #parts;
  #tracker = null;
  #recogniser = null;
  #opening = null;
  #taught = { points: [], width: 0 };
  /** Whether streams take each movement as one sign, and `latest` is kept. */
  recording = false;
  /** What was answered last while recording: {landmarks, frames, rate} and what the worker said. */
  latest = null;

  /**
   * @param {Object} large the `large` part of files.json
   * @param {Object} settings the content of stream.json
   * @param {Object} parts joints of each part, from skeleton.json
   */
  constructor(large, settings, parts) {
    this.#large = Object.fromEntries(
      NEEDED.filter((name) => large[name]).map((name) => [name, large[name]]),
    );
    this.#settings = settings;
    this.#parts = parts;
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
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #open(onProgress) {
    const {
      tracker: wasm,
      runtime,
      pose,
      hands,
      model,
      anchors,
    } = await loadAll(this.#large, onProgress);
    const tracker = new Tracker(this.#parts);
    const recogniser = new Helper("recognise/recogniser.worker.js", "module", "modelFailed");
    try {
      await Promise.all([
        tracker.open({ wasm, pose, hands }),
        recogniser.ask("open", { wasm: runtime, model, anchors }, [runtime, model]),
      ]);
      await recogniser.ask("teach", this.#taught);
    } catch (error) {
      tracker.close();
      recogniser.close();
      throw error;
    }
    this.#tracker = tracker;
    this.#recogniser = recogniser;
  }

  close() {
    this.#tracker?.close();
    this.#recogniser?.close();
    this.#tracker = this.#recogniser = this.#opening = null;
  }

  /** Find the joints in a picture (an ImageBitmap, which is given away); see Tracker. */
  async see(picture, seconds, isLean) {
    if (!this.#tracker) throw new Problem("trackerFailed", "not open");
    return this.#tracker.see(picture, seconds, isLean);
  }

  /** Forget earlier pictures: another source begins. */
  async reset() {
    await this.#tracker?.reset();
  }

  /**
   * Teach what recogniser.worker.js wants of points, in place of what was taught before;
   * if nothing runs yet, as soon as it does.
   */
  async teach(points, width) {
    const taught = { points, width };
    await this.#recogniser?.ask("teach", taught);
    this.#taught = taught;
  }

  /** The probability below which the recogniser is unsure. */
  get abstainBelow() {
    return this.#taught.points.length ? ABSTAIN_BELOW : this.#settings.abstain_below;
  }

  /** Give the probabilities of all glosses for landmarks [frames, 553, 3]. */
  async classify(landmarks, frames) {
    if (!this.#recogniser) throw new Problem("modelFailed", "not open");
    const given = { landmarks, frames };
    const kept = this.recording ? { landmarks: landmarks.slice(), frames } : null;
    const answer = await this.#recogniser.ask("classify", given, [landmarks.buffer]);
    this.latest = kept && { ...kept, ...answer, rate: this.#settings.rate };
    return answer.probabilities;
  }

  /** Begin a stream of frames that yields events. */
  stream() {
    const settings = { ...this.#settings, abstain_below: this.abstainBelow };
    if (this.recording)
      Object.assign(settings, {
        split_seconds: Infinity,
        hop_seconds: Infinity,
        again_seconds: -Infinity,
      });
    return new StreamingRecogniser(
      (landmarks, frames) => this.classify(landmarks, frames),
      settings,
    );
  }
}
