// Turns pictures into the joints of a signer, in the order of skeleton.py.
//
// x and y in picture heights (x and z are multiplied by width / height), NaN where a joint
// was not seen; left and right are the signer's own.
import { ROOT } from "../browser/loader.js";
import { Crowd } from "./crowd.js";
import { copyOf, Finder } from "./finder.js";
import { assignHands, followHands } from "./hands.js";

const JOINT_COUNT = 553;
const MOST_REUSED = 3; // pictures in a row

export class Tracker {
  #parts;
  #wasm = "";
  #bodies = null;
  #hands = null;
  #crowd = null;
  #body = null; // the pose [33, 3] of the last picture, in picture heights
  #reused = 0; // pictures since the pose was found

  /** @param {Object<string, number[]>} parts first joint and end of each, as in skeleton.json */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * Start both landmarkers.
   *
   * @param {{wasm: ArrayBuffer, pose: ArrayBuffer, hands: ArrayBuffer}} files MediaPipe's
   *   program and its two models, which move to the workers
   */
  async open({ wasm, pose, hands }) {
    // A blob: MediaPipe wants an address, and what was loaded is packed.
    this.#wasm = URL.createObjectURL(new Blob([wasm], { type: "application/wasm" }));
    const shared = { base: ROOT, wasm: this.#wasm };
    // Each worker reads its model anew; a blob lies outside the page.
    const bodies = { ...shared, kind: "PoseLandmarker", model: new Blob([pose]) };
    const both = { kind: "HandLandmarker", model: new Blob([hands]), options: { numHands: 2 } };
    this.#bodies = new Finder(bodies);
    this.#hands = new Finder({ ...shared, ...both });
    this.#crowd = new Crowd(bodies);
    await Promise.all([this.#bodies.open(), this.#hands.open()]);
  }

  /** Forget earlier frames, because another source begins. */
  async reset() {
    this.#body = null;
    this.#crowd.reset();
    await Promise.all([this.#bodies.reset(), this.#hands.reset()]);
  }

  /**
   * Find the joints in a picture.
   *
   * @param {{picture: VideoFrame|ImageBitmap, width: number, height: number}} shown the
   *   picture, which moves to a worker, and the size in which it is tracked
   * @param {number} seconds time in the source, rising
   * @param {boolean} mayReusePose find the pose in every fourth picture only: arms are slow
   *   beside fingers, and more pictures of the hands are worth more
   * @returns {Promise<{joints: Float32Array, people: number, brightness: number}>} joints
   *   [553, 3]; mean brightness of the picture, 0 black to 1 white
   */
  async track({ picture, width, height }, seconds, mayReusePose = false) {
    const facts = { width, height, seconds };
    const isReused = mayReusePose && this.#body !== null && this.#reused < MOST_REUSED;
    this.#reused = isReused ? this.#reused + 1 : 0;
    await this.#crowd.look(picture, facts);
    const copy = isReused ? null : await copyOf(picture);
    const [pose, hands] = await Promise.all([
      copy && this.#bodies.find(copy, facts),
      this.#hands.find(picture, facts),
    ]);
    const aspect = width / height;
    if (pose) this.#body = pose.found[0] ? inPictureHeights(pose.found[0].points, aspect) : null;
    const sides = this.#assign(hands.found, aspect);
    if (isReused) this.#body = followHands(this.#body, sides);
    const people = this.#body ? this.#crowd.people : 0;
    return { joints: this.#assemble(sides), people, brightness: hands.brightness };
  }

  /** Decide which of the hands found are the signer's left and right one. */
  #assign(found, aspect) {
    const hands = found.map(({ points, label, score }) => ({
      landmarks: inPictureHeights(points, aspect),
      label,
      score,
    }));
    return assignHands(this.#body, hands);
  }

  /** Put the pose and the hands where skeleton.py has them. */
  #assemble({ left, right }) {
    const joints = new Float32Array(JOINT_COUNT * 3).fill(NaN);
    if (this.#body) joints.set(this.#body, this.#parts.pose[0] * 3);
    if (left) joints.set(left, this.#parts.left_hand[0] * 3);
    if (right) joints.set(right, this.#parts.right_hand[0] * 3);
    return joints;
  }

  close() {
    for (const one of [this.#bodies, this.#hands, this.#crowd]) one?.close();
    URL.revokeObjectURL(this.#wasm);
  }
}

/** Scale MediaPipe's points [{x, y, z}], which count in picture widths and heights. */
function inPictureHeights(points, aspect) {
  return Float32Array.from(points.flatMap(({ x, y, z }) => [x * aspect, y, z * aspect]));
}
