// Decides whether the graphics processor tracks as well as the processor does, and sooner.
//
// Some devices' graphics are slower than their processor, and some compute other landmarks.
// So both find the same pictures for a while, and the graphics processor is taken only
// where it has proved itself on this very device.

import { median } from "../browser/median.js";

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i; // it runs on the processor
const WARM = 3; // first pictures, which wait for programs to be compiled
const PICTURES = 10; // that decide
const HOPELESS = [3, 2]; // so many pictures that took so many times as long decide as well
const LONGEST = 90; // pictures after which an undecided trial ends
const OTHER = 1; // distance of what cannot be compared: a picture's width
const APART = 0.02; // median distance of landmarks, in picture widths and heights
const QUICKER = 0.8; // share of the processor's time

/** Whether the browser draws with a graphics processor. */
export function hasGraphics() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return false;
  const facts = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(facts ? facts.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(name);
}

/** Compares what two landmarkers find in the same pictures. */
export class Trial {
  #count = 0;
  #pairs = []; // [distance, our milliseconds, theirs]

  /**
   * Take what was found in a picture: {found, milliseconds} of tracker.worker.js.
   *
   * @returns {boolean|null} whether the rival is taken; null while it is not decided
   */
  judge(ours, theirs) {
    this.#count += 1;
    if (ours.found.length && this.#count > WARM)
      this.#pairs.push([apart(ours.found, theirs.found), ours.milliseconds, theirs.milliseconds]);
    const [distance, before, after] = this.result;
    if (this.#pairs.length >= HOPELESS[0] && after > HOPELESS[1] * before) return false;
    if (this.#pairs.length < PICTURES) return this.#count < LONGEST ? null : false;
    return distance <= APART && after <= QUICKER * before;
  }

  /** Medians so far: [distance, our milliseconds, theirs]. */
  get result() {
    return [0, 1, 2].map((column) => median(this.#pairs.map((pair) => pair[column])));
  }
}

/** Distance of the points of two findings; OTHER if their numbers differ. */
function apart(some, others) {
  if (some.length !== others.length) return OTHER;
  const distances = some.map(({ points }) =>
    Math.min(...others.map((other) => between(points, other.points))),
  );
  return Math.max(...distances);
}

/** Median distance of two lists of points: joints out of the picture are guesses. */
function between(points, others) {
  const steps = points.map(({ x, y }, at) => Math.hypot(x - others[at].x, y - others[at].y));
  return median(steps.map((step) => (Number.isFinite(step) ? step : OTHER)));
}
