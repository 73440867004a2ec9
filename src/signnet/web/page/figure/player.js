// The motions that words' pages show: read from the packed file, drawn in a loop.
import { drawFigure } from "./draw.js";

const UNSEEN = -32768;
const VALUES = 553 * 3;
const PAUSE = 0.7; // seconds between the end and the next beginning

/**
 * Read the file that site.py's pack_motions writes.
 *
 * @returns {Map<string, {fps: number, frames: Float32Array[]}>} by gloss; frames hold
 *   553 joints x, y, z in picture heights, NaN where unseen
 */
export function readMotions(buffer) {
  const bytes = new Uint8Array(buffer);
  const end = bytes.indexOf(10) + 1;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  const steps = new DataView(buffer, end);
  const motions = new Map();
  let place = 0;
  for (const { gloss, frames, fps } of head.motions) {
    const read = Array.from({ length: frames }, () => {
      const joints = new Float32Array(VALUES).fill(NaN);
      for (const joint of head.joints) {
        for (const axis of [0, 1]) {
          const step = steps.getInt16(2 * place++, true);
          if (step !== UNSEEN) joints[joint * 3 + axis] = step / head.scale;
        }
      }
      return joints;
    });
    motions.set(gloss, { fps, frames: read });
  }
  return motions;
}

const between = (a, b, share) => {
  const joints = Float32Array.from(a, (value, place) => value + (b[place] - value) * share);
  joints.forEach((value, place) => {
    if (Number.isNaN(value)) joints[place] = share < 0.5 ? a[place] : b[place];
  });
  return joints;
};

/** Plays one motion on a canvas until it is stopped. */
export class Player {
  #canvas;
  #skeleton;
  #motion = null;
  #box = null;
  #time = 0;
  #last = 0;
  #request = 0;
  playing = true;
  speed = 1;
  mirrored = false;

  constructor(canvas, skeleton) {
    this.#canvas = canvas;
    this.#skeleton = skeleton;
  }

  /** Show a motion from its beginning; null leaves the canvas empty. */
  show(motion) {
    this.stop();
    this.#motion = motion;
    this.#box = motion && boxOf(motion.frames, this.#skeleton);
    this.#time = 0;
    this.#last = performance.now();
    this.#tick(this.#last);
  }

  stop() {
    cancelAnimationFrame(this.#request);
  }

  #tick(now) {
    if (!this.#motion) return;
    // The first frame's time may lie before the call that asked for it.
    if (this.playing) this.#time += (Math.max(0, now - this.#last) / 1000) * this.speed;
    this.#last = now;
    const { fps, frames } = this.#motion;
    const length = (frames.length - 1) / fps;
    const place = Math.min((this.#time % (length + PAUSE)) * fps, frames.length - 1);
    const first = Math.min(Math.floor(place), frames.length - 2);
    this.#draw(between(frames[first], frames[first + 1], place - first));
    this.#request = requestAnimationFrame((time) => this.#tick(time));
  }

  #draw(joints) {
    const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!width) return;
    if (this.#canvas.width !== Math.round(width * scale)) {
      this.#canvas.width = Math.round(width * scale);
      this.#canvas.height = Math.round(height * scale);
    }
    const pen = this.#canvas.getContext("2d");
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    pen.save();
    if (this.mirrored) {
      pen.translate(this.#canvas.width, 0);
      pen.scale(-1, 1);
    }
    drawFigure(pen, joints, this.#skeleton, this.#box, { solid: true });
    pen.restore();
  }
}

/** Give the part of the picture that a motion needs: [left, top, width, height]. */
function boxOf(frames, { parts }) {
  const shown = [...range(0, 17), ...range(parts.left_hand[0], parts.right_hand[1])];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const joints of frames) {
    for (const joint of shown) {
      const [x, y] = [joints[joint * 3], joints[joint * 3 + 1]];
      if (Number.isNaN(x)) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  const [above, aside] = [0.2, 0.12]; // room for the head, and to breathe
  return [left - aside, top - above, right - left + 2 * aside, bottom - top + above + aside / 2];
}

const range = (start, stop) => Array.from({ length: stop - start }, (_, place) => start + place);
