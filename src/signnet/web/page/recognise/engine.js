// The tracker and the recogniser: loaded once, on demand, and started again after a fault.
import { loadAll, missingBytes } from "../browser/loader.js";
import { missingFeature, Problem } from "../browser/problem.js";
import { TaskWorker } from "../browser/worker.js";
import { Tracker } from "../capture/tracker.js";
import { StreamingRecogniser } from "./stream.js";
import { ABSTAIN_BELOW, SURE_ABOVE } from "./teaching.js";

const NEEDED = ["tracker", "runtime", "pose", "hands", "model", "anchors"];

const MOST_CLIPS = 16; // half a megabyte each

/** Stream settings that take each movement as one sign, however long. */
const RECORDING = { split_seconds: Infinity, hop_seconds: Infinity, again_seconds: -Infinity };

export class Engine {
  #files;
  #settings;
  #parts;
  #tracker = null;
  #recogniser = null;
  #opening = null;
  #embedding;
  #lesson = null;
  /** Whether streams take each movement as one sign, and `latest` is kept. */
  isRecording = false;
  /**
   * The clip that was classified last while recording: {landmarks, frames, rate}, with
   * what recogniser.worker.js found: {probabilities, embedding, modelScores,
   * modelProbabilities, scores}.
   */
  latest = null;
  #clips = []; // those that were classified last, the latest at the end

  /**
   * @param {Object} files the `large` part of files.json
   * @param {Object} settings the content of stream.json
   * @param {Object<string, number[]>} parts first joint and end of each, from skeleton.json
   * @param {{axes: number[], weights: number[]}} [embedding] the parts of an embedding, of
   *   a model that can be taught
   */
  constructor(files, settings, parts, embedding) {
    const present = NEEDED.filter((name) => files[name]);
    this.#files = Object.fromEntries(present.map((name) => [name, files[name]]));
    this.#settings = settings;
    this.#parts = parts;
    this.#embedding = embedding;
  }

  /** Packed bytes of a first visit. */
  get bytes() {
    return Object.values(this.#files).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Give the packed bytes that a start would load. */
  async missingBytes() {
    return this.#recogniser ? 0 : missingBytes(this.#files);
  }

  /**
   * Load and start everything, unless it runs already.
   *
   * @param {(done: number, total: number) => void} onProgress in packed bytes
   * @throws {Problem} after which it may be called again
   */
  async open(onProgress) {
    const missing = missingFeature();
    if (missing) throw missing;
    this.#opening ??= this.#open(onProgress).catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #open(onProgress) {
    const files = await loadAll(this.#files, onProgress);
    const { tracker: wasm, runtime, pose, hands, model, anchors } = files;
    const embedding = this.#embedding;
    const tracker = new Tracker(this.#parts);
    const recogniser = new TaskWorker("recognise/recogniser.worker.js", "module", "modelFailed");
    try {
      await Promise.all([
        tracker.open({ wasm, pose, hands }),
        recogniser.run("open", { wasm: runtime, model, anchors, embedding }, [runtime, model]),
      ]);
      await recogniser.run("teach", { lesson: this.#lesson });
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

  /** Find the joints in a picture, which moves to a worker; see Tracker.track. */
  async track(picture, seconds, mayReusePose) {
    if (!this.#tracker) throw new Problem("trackerFailed", "not open");
    return this.#tracker.track(picture, seconds, mayReusePose);
  }

  /** Forget earlier pictures, because another source begins. */
  async reset() {
    await this.#tracker?.reset();
  }

  /**
   * Teach a lesson in place of the one before; if nothing runs yet, as soon as it does.
   *
   * @param {{points: Object[], glossCount: number, forgotten: number[]}|null} lesson see
   *   TaughtModel in teaching.js; null gives the model back as it was
   */
  async teach(lesson) {
    await this.#recogniser?.run("teach", { lesson });
    this.#lesson = lesson;
  }

  /** Probability below which the recogniser is unsure. */
  get abstainBelow() {
    const [taught] = this.#lesson?.points ?? [];
    if (!taught) return this.#settings.abstain_below;
    return taught.scores.length ? ABSTAIN_BELOW : SURE_ABOVE; // without scores: a base
  }

  /**
   * Recognise a clip.
   *
   * @param {Float32Array} landmarks [frames, 553, 3], NaN where unseen; moves to the worker
   * @param {number} frames
   * @returns {Promise<Float32Array>} the probability of each gloss
   */
  async classify(landmarks, frames) {
    if (!this.#recogniser) throw new Problem("modelFailed", "not open");
    const clip = { landmarks: landmarks.slice(), frames, rate: this.#settings.rate };
    const given = { landmarks, frames };
    const result = await this.#recogniser.run("classify", given, [landmarks.buffer]);
    Object.assign(clip, result);
    this.latest = this.isRecording ? clip : null;
    this.#clips = [...this.#clips, clip].slice(-MOST_CLIPS);
    return result.probabilities;
  }

  /** Give the clip that an event was decided by, see `latest`; null if it is not kept. */
  clipOf({ kind, predictions }) {
    if (kind !== "sign" && kind !== "unsure") return null;
    const isSame = ({ probabilities }) =>
      predictions.every(({ index, probability }) => probabilities[index] === probability);
    return this.#clips.findLast((clip) => clip.embedding && isSame(clip)) ?? null;
  }

  /** Begin a stream of frames; see StreamingRecogniser. */
  stream() {
    const settings = { ...this.#settings, abstain_below: this.abstainBelow };
    if (this.isRecording) Object.assign(settings, RECORDING);
    return new StreamingRecogniser(
      (landmarks, frames) => this.classify(landmarks, frames),
      settings,
    );
  }
}
