// Counts the people in the picture now and then, in a worker that is soon gone again.
//
// Trackers follow one person, so several are looked for apart; that costs a detection and
// holds 100 MB, and is over once one person stood alone there a few times.
import { copyOf, detect, newWorker } from "./finder.js";

const SECONDS = 2; // between two counts
const COUNTS = 3; // of one person, after which nobody is counted

export class Crowd {
  #setup;
  #worker = null;
  #alone = 0; // counts that found one person, or none
  #countedAt = null; // seconds
  #isCounting = false;
  /** How many were counted last; 1 before that. */
  people = 1;

  /** The setup of a PoseLandmarker, see `Finder`. */
  constructor(setup) {
    this.#setup = { ...setup, delegate: "CPU", options: { runningMode: "IMAGE", numPoses: 2 } };
  }

  /** Count anew: another camera or another film. */
  reset() {
    this.people = 1;
    this.#alone = 0;
    this.#countedAt = null;
  }

  /** Take a picture, which stays as it is; it is counted if it is time for that. */
  async look(picture, facts) {
    this.#countedAt ??= facts.seconds;
    const isDue = Math.abs(facts.seconds - this.#countedAt) >= SECONDS;
    if (!isDue || this.#isCounting || this.#alone === COUNTS) return;
    this.#countedAt = facts.seconds;
    this.#isCounting = true;
    const copy = await copyOf(picture);
    this.#count(copy, facts).catch((error) => this.#giveUp(error));
  }

  async #count(copy, facts) {
    if (!this.#worker) {
      this.#worker = newWorker();
      await this.#worker.run("open", this.#setup);
    }
    const { found } = await detect(this.#worker, copy, facts);
    this.people = found.length;
    this.#alone = this.people > 1 ? 0 : this.#alone + 1;
    this.#isCounting = false;
    if (this.#alone === COUNTS) this.close();
  }

  /** Go on without a count: it is worth a hint, not the end of a session. */
  #giveUp(error) {
    console.debug("people are not counted", error);
    this.#alone = COUNTS;
    this.#isCounting = false;
    this.close();
  }

  close() {
    this.#worker?.close();
    this.#worker = null;
  }
}
