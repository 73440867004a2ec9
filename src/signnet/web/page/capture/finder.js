// Finds bodies, or hands, in the pictures of one source, in a worker.
import { TaskWorker } from "../browser/worker.js";
import { hasGraphics, Trial } from "./rival.js";

const CHALLENGED = 20; // pictures after which the graphics processor starts, at leisure

let isTrusted = true; // until the graphics processor failed after it took over

export class Finder {
  #setup;
  #model;
  #worker = null;
  #rival = null; // the same on the graphics processor, until it is decided which is kept
  #successor = null; // the rival that has proved itself
  #isGraphics = false; // whether the worker is on the graphics processor
  #trial = new Trial();
  #isTrying = false;
  #isClosed = false;
  #pictures = 0;

  /**
   * @param {{base: string, wasm: string, kind: string, options: Object}} setup see `open` of
   *   tracker.worker.js
   * @param {Blob} model the landmarker's file
   */
  constructor(setup, model) {
    this.#setup = setup;
    this.#model = model;
  }

  /** Start on the processor. */
  async open() {
    this.#worker = await openWorker({ ...this.#setup, delegate: "CPU" }, this.#model);
    if (this.#isClosed) this.#worker.close();
  }

  /** Start the graphics processor, where there is one; it has to prove itself. */
  async #challenge() {
    if (!isTrusted || !hasGraphics()) return;
    try {
      const rival = await openWorker({ ...this.#setup, delegate: "GPU" }, this.#model);
      if (this.#isClosed) rival.close();
      else this.#rival = rival;
    } catch (error) {
      console.debug(`${this.#setup.kind}: no graphics processor`, error);
    }
  }

  /** Forget earlier pictures: another camera, another film, or another position in it. */
  async reset() {
    const others = [this.#rival, this.#successor].filter(Boolean);
    const resets = others.map((other) => other.run("reset").catch(() => {}));
    await Promise.all([this.#worker.run("reset"), ...resets]);
  }

  /**
   * Find what is in a picture, which moves to the worker.
   *
   * @param {VideoFrame|ImageBitmap} picture
   * @param {{width: number, height: number, seconds: number}} facts
   * @returns {Promise<{found: Object[], brightness: number, milliseconds: number}>}
   */
  async find(picture, facts) {
    this.#pictures += 1;
    if (this.#successor) this.#succeed();
    if (this.#pictures === CHALLENGED) this.#challenge();
    const rival = this.#rival;
    const copy = rival && !this.#isTrying ? await copyOf(picture) : null;
    const running = detect(this.#worker, picture, facts);
    if (this.#isGraphics) running.catch(() => (isTrusted = false));
    if (copy) this.#try(rival, running, detect(rival, copy, facts));
    return running;
  }

  async #try(rival, ours, theirs) {
    this.#isTrying = true;
    try {
      const isBetter = this.#trial.judge(...(await Promise.all([ours, theirs])));
      if (isBetter !== null) this.#decide(rival, isBetter);
    } catch (error) {
      console.debug(`${this.#setup.kind}: the graphics processor failed`, error);
      this.#decide(rival, false);
    }
    this.#isTrying = false;
  }

  #decide(rival, isBetter) {
    const [distance, before, after] = this.#trial.result;
    console.debug(
      `${this.#setup.kind}: ${isBetter ? "GPU" : "CPU"} (processor ${before} ms, ` +
        `graphics processor ${after} ms, ${distance} apart)`,
    );
    this.#rival = null;
    if (isBetter) this.#successor = rival;
    else rival.close();
  }

  /** Let the graphics processor go on, between two pictures. */
  #succeed() {
    this.#worker.close();
    this.#worker = this.#successor;
    this.#successor = null;
    this.#isGraphics = true;
  }

  close() {
    this.#isClosed = true;
    for (const one of [this.#worker, this.#rival, this.#successor]) one?.close();
  }
}

/**
 * Start a worker with a landmarker.
 *
 * @returns {Promise<TaskWorker>} rejected with a Problem if it does not start
 */
export async function openWorker(setup, model) {
  const worker = new TaskWorker("capture/tracker.worker.js", "classic", "trackerFailed");
  try {
    const bytes = await model.arrayBuffer();
    await worker.run("open", { ...setup, model: bytes }, [bytes]);
    return worker;
  } catch (error) {
    worker.close();
    throw error;
  }
}

/** Have a worker look at a picture, which moves there. */
export function detect(worker, picture, facts) {
  return worker.run("detect", { picture, ...facts }, [picture]);
}

/** Copy a picture; frames of a video share their pixels. */
export async function copyOf(picture) {
  return picture.clone?.() ?? createImageBitmap(picture);
}
