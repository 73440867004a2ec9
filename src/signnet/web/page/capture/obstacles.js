// What keeps a sign from being recognised: darkness, no hand, a crowd, a slow machine.

const PATIENCE = { dark: 1.5, nobody: 2, several: 1, noHands: 5, slow: 4 }; // seconds
const DARK = 0.13; // mean light of the picture, 0 to 1
const SLOWEST = 5; // frames a second; below, signs blur into one another
const MEMORY = 3; // seconds over which the frame rate is taken

/** Follows the frames and names the worst obstacle that has lasted, or null. */
export class Watch {
  #since = {};
  #frames = [];

  /**
   * @param {{seconds: number, joints: Float32Array, people: number, light: number,
   *   live: boolean}} frame `seconds` by the clock on the wall; `live` from a camera, where
   *   a slow machine loses frames
   * @param {{left_hand: number[], right_hand: number[]}} parts joints of each part
   */
  see({ seconds, joints, people, light, live }, parts) {
    this.#frames.push(seconds);
    this.#frames = this.#frames.filter((time) => seconds - time <= MEMORY);
    const posed = Number.isFinite(joints[0]);
    const handed = [parts.left_hand, parts.right_hand].some(([start]) =>
      Number.isFinite(joints[start * 3]),
    );
    const now = {
      dark: light < DARK,
      nobody: !posed && !handed,
      several: people > 1,
      slow: live && this.fps < SLOWEST,
      noHands: posed && !handed,
    };
    for (const [name, holds] of Object.entries(now)) {
      if (!holds) delete this.#since[name];
      else this.#since[name] ??= seconds;
    }
    return Object.keys(now).find((name) => seconds - this.#since[name] >= PATIENCE[name]) ?? null;
  }

  /** Frames a second of late; infinite until there are a few. */
  get fps() {
    const span = this.#frames.at(-1) - this.#frames[0];
    return this.#frames.length > 2 ? (this.#frames.length - 1) / span : Infinity;
  }

  reset() {
    this.#since = {};
    this.#frames = [];
  }
}

const probe = { canvas: null, pen: null };

/** Give the mean light of a video's picture, 0 black to 1 white. */
export function lightOf(video) {
  if (!probe.canvas) {
    probe.canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 12 });
    probe.pen = probe.canvas.getContext("2d", { willReadFrequently: true });
  }
  probe.pen.drawImage(video, 0, 0, 16, 12);
  const { data } = probe.pen.getImageData(0, 0, 16, 12);
  let sum = 0;
  for (let place = 0; place < data.length; place += 4) {
    sum += 0.2126 * data[place] + 0.7152 * data[place + 1] + 0.0722 * data[place + 2];
  }
  return sum / (255 * (data.length / 4));
}
