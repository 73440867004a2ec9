// The tracker and the recogniser: loaded once, on demand, and started again after a fault.
import { loadAll, missingBytes } from "../browser/loader.js";
import { missingFeature, Problem } from "../browser/problem.js";
import { TaskWorker } from "../browser/worker.js";
import { Tracker } from "../capture/tracker.js";
import { StreamingRecogniser } from "./stream.js";
import { ABSTAIN_BELOW, SURE_ABOVE } from "./teaching.js";

/** The files of each half: what finds joints in pictures, and what names signs. */
const HALVES = {
  tracker: ["tracker", "pose", "hands"],
  recogniser: ["runtime", "model", "anchors"],
};

const MOST_CLIPS = 16; // half a megabyte each

/** Stream settings that take each movement as one sign, however long. */
const RECORDING = { split_seconds: Infinity, hop_seconds: Infinity, again_seconds: -Infinity };

export class Engine {
  #files;
  #settings;
  #parts;
  #tracker = null;
  #recogniser = null;
  #opening = {}; // promises of the halves
  #embedding;
  #lesson = null;
  #clips = []; // those that were classified last, the latest at the end

  /**
   * @param {Object} files the `large` part of files.json
   * @param {Object} settings the content of stream.json
   * @param {Object<string, number[]>} parts first joint and end of each, from skeleton.json
   * @param {{axes: number[], weights: number[]}} [embedding] the parts of an embedding, of
   *   a model that can be taught
   */
  constructor(files, settings, parts, embedding) {
    const present = Object.values(HALVES)
      .flat()
      .filter((name) => files[name]);
    this.#files = Object.fromEntries(present.map((name) => [name, files[name]]));
    this.#settings = settings;
    this.#parts = parts;
    this.#embedding = embedding;
  }

  /** The content of stream.json. */
  get settings() {
    return this.#settings;
  }

  /** Packed bytes of a first visit. */
  get bytes() {
    return Object.values(this.#files).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Give the packed bytes that a start would load. */
  async missingBytes() {
    return this.#recogniser ? 0 : missingBytes(this.#files);
  }

  /** Throw a Problem if this browser lacks what is needed. */
  check() {
    const missing = missingFeature();
    if (missing) throw missing;
  }

  /**
   * Load and start everything, or the recogniser alone, unless it runs already.
   *
   * @param {(done: number, total: number) => void} onProgress in packed bytes
   * @param {boolean} [needsTracker] false if there are no pictures, only landmarks
   * @throws {Problem} after which it may be called again
   */
  async open(onProgress, needsTracker = true) {
    this.check();
    const halves = Object.keys(HALVES).filter((half) => needsTracker || half === "recogniser");
    const absent = halves.filter((half) => !this.#opening[half]);
    if (absent.length) this.#begin(absent, onProgress);
    await Promise.all(halves.map((half) => this.#opening[half]));
  }

  /** Begin to open halves together; if one fails, all of them are closed. */
  #begin(halves, onProgress) {
    const isWanted = () => halves.every((half) => this.#opening[half] === opening);
    const opening = this.#open(halves, onProgress, isWanted).catch((error) => {
      for (const half of halves)
        if (this.#opening[half] === opening) this.#opening[half] = undefined;
      throw error;
    });
    for (const half of halves) this.#opening[half] = opening;
  }

  async #open(halves, onProgress, isWanted) {
    const names = halves.flatMap((half) => HALVES[half]).filter((name) => this.#files[name]);
    const wanted = Object.fromEntries(names.map((name) => [name, this.#files[name]]));
    const files = await loadAll(wanted, onProgress);
    const started = await Promise.allSettled(
      halves.map((half) =>
        half === "tracker" ? this.#openTracker(files) : this.#openRecogniser(files),
      ),
    );
    const closed = isWanted() ? undefined : new Problem("modelFailed", "closed while it opened");
    const fault = started.find(({ status }) => status === "rejected")?.reason ?? closed;
    if (fault) {
      for (const { value } of started) value?.close();
      throw fault;
    }
    for (const [index, half] of halves.entries()) {
      if (half === "tracker") this.#tracker = started[index].value;
      else this.#recogniser = started[index].value;
    }
  }

  async #openTracker({ tracker: wasm, pose, hands }) {
    const tracker = new Tracker(this.#parts);
    try {
      await tracker.open({ wasm, pose, hands });
      return tracker;
    } catch (error) {
      tracker.close();
      throw error;
    }
  }

  async #openRecogniser({ runtime: wasm, model, anchors }) {
    const recogniser = new TaskWorker("recognise/recogniser.worker.js", "module", "modelFailed");
    try {
      const given = { wasm, model, anchors, embedding: this.#embedding };
      await recogniser.run("open", given, [wasm, model]);
      await recogniser.run("teach", { lesson: this.#lesson });
      return recogniser;
    } catch (error) {
      recogniser.close();
      throw error;
    }
  }

  close() {
    this.#tracker?.close();
    this.#recogniser?.close();
    this.#tracker = this.#recogniser = null;
    this.#opening = {};
  }

  /** Wait for a worker; after a fault, the next `open` starts them again. */
  async #watched(running) {
    try {
      return await running;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Find the joints in a picture, which moves to a worker; see Tracker.track. */
  async track(picture, seconds, mayReusePose) {
    if (!this.#tracker) throw new Problem("trackerFailed", "not open");
    return this.#watched(this.#tracker.track(picture, seconds, mayReusePose));
  }

  /** Forget earlier pictures, because another source begins. */
  async reset() {
    await this.#watched(this.#tracker?.reset());
  }

  /**
   * Teach a lesson in place of the one before; if nothing runs yet, as soon as it does.
   *
   * @param {{points: Object[], glossCount: number, forgotten: number[]}|null} lesson see
   *   TaughtModel in teaching.js; null gives the model back as it was
   */
  async teach(lesson) {
    await this.#watched(this.#recogniser?.run("teach", { lesson }));
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
   * @param {number} [fps] frames a second
   * @returns {Promise<Float32Array>} the probability of each gloss
   */
  async classify(landmarks, frames, fps) {
    const clip = await this.see(landmarks, frames, fps);
    this.#clips = [...this.#clips, clip].slice(-MOST_CLIPS);
    return clip.probabilities;
  }

  /**
   * Recognise a clip as `classify` does; gives it with what recogniser.worker.js found:
   * {landmarks, frames, fps, probabilities, embedding, modelScores, modelProbabilities, scores}.
   */
  async see(landmarks, frames, fps = this.#settings.rate) {
    if (!this.#recogniser) throw new Problem("modelFailed", "not open");
    const clip = { landmarks: landmarks.slice(), frames, fps };
    const given = { landmarks, frames };
    const running = this.#recogniser.run("classify", given, [landmarks.buffer]);
    return Object.assign(clip, await this.#watched(running));
  }

  /** Give the clip that an event was decided by, see `see`; null if it is not kept. */
  clipOf({ kind, predictions }) {
    if (kind !== "sign" && kind !== "unsure") return null;
    const isSame = ({ probabilities }) =>
      predictions.every(({ index, probability }) => probabilities[index] === probability);
    return this.#clips.findLast(isSame) ?? null;
  }

  /** Begin a stream of frames, see StreamingRecogniser; to record takes each movement whole. */
  stream(isRecording = false) {
    const settings = { ...this.#settings, abstain_below: this.abstainBelow };
    if (isRecording) Object.assign(settings, RECORDING);
    return new StreamingRecogniser(
      (landmarks, frames) => this.classify(landmarks, frames),
      settings,
    );
  }
}
