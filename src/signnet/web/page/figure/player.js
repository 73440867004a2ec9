// Plays a motion as a moving figure on a canvas, in a loop.
import { drawFigure } from "./draw.js";

const PAUSE = 0.7; // seconds between the end and the next beginning
const STILL = 0.5; // share of a motion at which a still figure shows most of a sign

// Whether the reader asked the system for less motion; figures then start paused.
const prefersCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Plays one motion until it is stopped. */
export class Player {
  #canvas;
  #skeleton;
  #motion = null;
  #box = null;
  #time = 0; // seconds
  #last = 0; // milliseconds
  #request = 0;
  isPlaying = !prefersCalm();
  speed = 1;
  isMirrored = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Object} skeleton the content of skeleton.json
   */
  constructor(canvas, skeleton) {
    this.#canvas = canvas;
    this.#skeleton = skeleton;
  }

  /**
   * Show a motion: moving from its beginning, or still from its middle.
   *
   * @param {{fps: number, frames: Float32Array[]}|null} motion at least two frames; null
   *   leaves the canvas empty
   */
  show(motion) {
    this.stop();
    this.#motion = motion;
    this.#box = motion && boxOf(motion.frames, this.#skeleton);
    const share = this.isPlaying ? 0 : STILL;
    this.#time = motion ? (share * (motion.frames.length - 1)) / motion.fps : 0;
    this.#last = performance.now();
    this.#tick(this.#last);
  }

  stop() {
    cancelAnimationFrame(this.#request);
  }

  #tick(now) {
    if (!this.#motion) return;
    // The first frame's time may lie before the call that asked for it.
    if (this.isPlaying) this.#time += (Math.max(0, now - this.#last) / 1000) * this.speed;
    this.#last = now;
    const { fps, frames } = this.#motion;
    const length = (frames.length - 1) / fps;
    const position = Math.min((this.#time % (length + PAUSE)) * fps, frames.length - 1);
    const first = Math.min(Math.floor(position), frames.length - 2);
    this.#draw(interpolate(frames[first], frames[first + 1], position - first));
    this.#request = requestAnimationFrame((time) => this.#tick(time));
  }

  #draw(joints) {
    const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
    const { clientWidth, clientHeight } = this.#canvas;
    if (!clientWidth) return;
    const [width, height] = [clientWidth, clientHeight].map((side) => Math.round(side * scale));
    if (this.#canvas.width !== width || this.#canvas.height !== height)
      Object.assign(this.#canvas, { width, height });
    const pen = this.#canvas.getContext("2d");
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    pen.save();
    if (this.isMirrored) {
      pen.translate(this.#canvas.width, 0);
      pen.scale(-1, 1);
    }
    drawFigure(pen, joints, this.#skeleton, this.#box, { isSolid: true });
    pen.restore();
  }
}

/** Mix two frames; a joint that one of them lacks is taken from the nearer frame. */
function interpolate(one, other, share) {
  return Float32Array.from(one, (value, index) => {
    const mixed = value + (other[index] - value) * share;
    if (!Number.isNaN(mixed)) return mixed;
    return share < 0.5 ? value : other[index];
  });
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
  const [above, beside] = [0.2, 0.12]; // room for the head, and a margin
  const height = bottom - top + above + beside / 2;
  return [left - beside, top - above, right - left + 2 * beside, height];
}

const range = (start, stop) => Array.from({ length: stop - start }, (_, index) => start + index);
