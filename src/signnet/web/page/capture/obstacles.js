// What keeps a sign from being recognised: darkness, no hand, a crowd, a slow device.

const SECONDS_BEFORE_HINT = { dark: 1.5, nobody: 2, several: 1, noHands: 5, slow: 4 };
const DARK = 0.13; // mean brightness of the picture, 0 to 1
const SLOWEST_FPS = 5; // below, signs blur into one another
const FPS_SECONDS = 3; // time over which the frame rate is measured

/** Follows the frames and names the worst obstacle that has lasted. */
export class ObstacleWatch {
  #since = {}; // seconds at which each present obstacle appeared
  #times = []; // seconds of the latest frames

  /**
   * Take a frame and name an obstacle.
   *
   * @param {{seconds: number, joints: Float32Array, people: number, brightness: number,
   *   isCamera: boolean}} frame `seconds` of the wall clock; joints [553, 3], NaN where
   *   unseen; `isCamera`, since only from a camera does a slow device lose frames
   * @param {{left_hand: number[], right_hand: number[]}} parts first joint and end of each
   * @returns {"dark"|"nobody"|"several"|"slow"|"noHands"|null}
   */
  update({ seconds, joints, people, brightness, isCamera }, parts) {
    this.#times.push(seconds);
    this.#times = this.#times.filter((time) => seconds - time <= FPS_SECONDS);
    const hasPose = Number.isFinite(joints[0]);
    const hasHand = [parts.left_hand, parts.right_hand].some(([start]) =>
      Number.isFinite(joints[start * 3]),
    );
    const present = {
      dark: brightness < DARK,
      nobody: !hasPose && !hasHand,
      several: people > 1,
      slow: isCamera && this.fps < SLOWEST_FPS,
      noHands: hasPose && !hasHand,
    };
    for (const [name, isPresent] of Object.entries(present)) {
      if (!isPresent) delete this.#since[name];
      else this.#since[name] ??= seconds;
    }
    const hasLasted = (name) => seconds - this.#since[name] >= SECONDS_BEFORE_HINT[name];
    return Object.keys(present).find(hasLasted) ?? null;
  }

  /** Recent frames per second; Infinity until there are three frames. */
  get fps() {
    const span = this.#times.at(-1) - this.#times[0];
    return this.#times.length > 2 ? (this.#times.length - 1) / span : Infinity;
  }

  reset() {
    this.#since = {};
    this.#times = [];
  }
}
