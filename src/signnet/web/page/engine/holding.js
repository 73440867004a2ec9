// What a stream holds while it runs: its turn with the tracker, and a camera or a film.
import { Problem } from "../browser/problem.js";

export class Holding {
  #model;
  #openSource;
  #asked = 0; // counts what was asked for and given up, to know what comes too late
  turn = null; // with the tracker, see Turns
  source = null; // what openCamera or openFilm gives
  /** Ends `take` with a Problem if it still waits, because the camera is lost for example. */
  fail = () => {};

  /**
   * @param {{take: () => Promise<Object>, open: () => Promise<void>}} model `take` waits for
   *   the turn, `open` for the tracker and the recogniser to be loaded
   * @param {(device?: string) => Promise<Object>} openSource shows a film, or a camera
   */
  constructor(model, openSource) {
    this.#model = model;
    this.#openSource = openSource;
  }

  get wasAsked() {
    return this.#asked > 0;
  }

  /** Take everything; the source is shown while the models still load. */
  async take() {
    this.#asked += 1;
    await this.#takeTurn();
    const all = Promise.all([this.#model.open(), this.#takeSource()]);
    const failed = new Promise((_, reject) => (this.fail = reject));
    await this.#wanted(Promise.race([all, failed]));
  }

  /** Take the turn again, for a film that is played once more. */
  async takeTurn() {
    this.#asked += 1;
    await this.#takeTurn();
    await this.#wanted(this.#model.open());
  }

  /** Turn the camera on again. */
  async takeCamera() {
    this.#asked += 1;
    await this.#takeSource(this.source.device);
  }

  async #takeTurn() {
    this.turn = await this.#wanted(this.#model.take(), (turn) => turn.end());
  }

  async #takeSource(device) {
    this.source = await this.#wanted(this.#openSource(device), (source) => source.stop());
  }

  /** Wait for something, and undo it if nobody waits for it any more. */
  async #wanted(promise, undo = () => {}) {
    const asked = this.#asked;
    const found = await promise;
    if (asked === this.#asked) return found;
    undo(found);
    throw new Problem("superseded");
  }

  /** Turn a camera off, and leave its last picture. */
  pause() {
    this.#giveUp(); // one that is coming back need not
    this.source?.release?.();
  }

  /** Give everything back, the turn once the last picture is tracked. */
  async giveBack(tracked) {
    const { source, turn } = this;
    this.#giveUp();
    this.source = null;
    await tracked;
    source?.stop();
    turn?.end();
  }

  #giveUp() {
    this.#asked += 1;
    this.fail(new Problem("superseded"));
  }
}
