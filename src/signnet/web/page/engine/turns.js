// Whose turn it is with the tracker, which follows one source at a time.
import { Problem } from "../browser/problem.js";

export class Turns {
  #last = Promise.resolve();
  /** Whether a stream has the turn; nobody can wait for its end. */
  isStreaming = false;

  /**
   * Wait for those that came before.
   *
   * @returns {Promise<{end: () => void, isLatest: () => boolean}>} what ends the turn, and
   *   tells whether nobody has asked for one since
   * @throws {Problem} busy
   */
  async take() {
    if (this.isStreaming)
      throw new Problem("busy", "a stream has the tracker; end it before the next video");
    const before = this.#last;
    let resolve;
    const own = (this.#last = new Promise((settle) => (resolve = settle)));
    await before;
    let isOver = false;
    const end = () => {
      if (!isOver) this.isStreaming = false;
      isOver = true;
      resolve();
    };
    return { end, isLatest: () => this.#last === own };
  }
}
