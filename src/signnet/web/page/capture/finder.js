// Finds bodies, or hands, in the pictures of one source, in a worker.
import { TaskWorker } from "../browser/worker.js";
import { hasGraphics, Trial } from "./rival.js";

const CHALLENGED = 20; // pictures after which the graphics processor starts, at leisure

let isTrusted = true; // until the graphics processor failed after it took over

export class Finder {
  #setup;
  #worker = newWorker();
  #isGraphics = false; // whether the worker is on the graphics processor
  #pictures = 0;
  #rival = null; // the same on the graphics processor, until it is decided which is kept
  #isRivalBusy = true; // starting, or with a picture
  #isBetter = null; // whether the rival is, once that is decided
  #trial = new Trial();

  /**
   * @param {{base: string, wasm: string, kind: string, model: Blob, options: Object}} setup
   *   see `open` of tracker.worker.js
   */
  constructor(setup) {
    this.#setup = setup;
  }

  /** Start on the processor; rejected with a Problem if that fails. */
  async open() {
    await this.#worker.run("open", { ...this.#setup, delegate: "CPU" });
  }

  /** Forget earlier pictures: another camera, another film, or another position in it. */
  async reset() {
    const both = [this.#worker.run("reset"), this.#rival?.run("reset").catch(() => {})];
    await Promise.all(both);
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
    if (this.#pictures === CHALLENGED) this.#challenge();
    if (this.#isBetter !== null) this.#settle();
    const copy = this.#rival && !this.#isRivalBusy ? await copyOf(picture) : null;
    const running = detect(this.#worker, picture, facts);
    if (this.#isGraphics) running.catch(() => (isTrusted = false));
    if (copy) this.#try(running, detect(this.#rival, copy, facts));
    return running;
  }

  /** Start the graphics processor, where there is one; it has to prove itself. */
  async #challenge() {
    if (!isTrusted || !hasGraphics()) return;
    this.#rival = newWorker();
    await this.#ask(() => this.#rival.run("open", { ...this.#setup, delegate: "GPU" }));
  }

  /** Compare what both found in a picture. */
  async #try(ours, theirs) {
    this.#isRivalBusy = true;
    await this.#ask(async () => {
      this.#isBetter = this.#trial.judge(...(await Promise.all([ours, theirs])));
    });
  }

  /** Wait for the rival, which has lost if it fails. */
  async #ask(wait) {
    try {
      await wait();
    } catch (error) {
      console.debug(`${this.#setup.kind}: the graphics processor failed`, error);
      this.#isBetter = false;
    }
    this.#isRivalBusy = false;
  }

  /** Keep the better one, between two pictures. */
  #settle() {
    const [distance, before, after] = this.#trial.result;
    console.debug(
      `${this.#setup.kind}: ${this.#isBetter ? "GPU" : "CPU"} (processor ${before} ms, ` +
        `graphics processor ${after} ms, ${distance} apart)`,
    );
    const [kept, other] = this.#isBetter
      ? [this.#rival, this.#worker]
      : [this.#worker, this.#rival];
    other.close();
    this.#worker = kept;
    this.#isGraphics = this.#isBetter;
    this.#rival = this.#isBetter = null;
  }

  close() {
    this.#worker.close();
    this.#rival?.close();
  }
}

/** Make a worker for a landmarker; its first task is "open". */
export const newWorker = () =>
  new TaskWorker("capture/tracker.worker.js", "classic", "trackerFailed");

/** Have a worker look at a picture, which moves there. */
export function detect(worker, picture, facts) {
  return worker.run("detect", { picture, ...facts }, [picture]);
}

/** Copy a picture; frames of a video share their pixels. */
export async function copyOf(picture) {
  return picture.clone?.() ?? createImageBitmap(picture);
}
