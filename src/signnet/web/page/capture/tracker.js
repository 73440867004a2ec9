// Turns pictures into the joints of a signer, in the order of skeleton.py.
//
// x and y in picture heights (x and z are multiplied by width / height), NaN where a joint
// was not seen; left and right are the signer's own.
import { ROOT } from "../browser/loader.js";
import { Crowd } from "./crowd.js";
import { copyOf, Finder } from "./finder.js";
import { assignHands } from "./hands.js";

const JOINT_COUNT = 553;

export class Tracker {
  #parts;
  #wasm = "";
  #bodies = null;
  #hands = null;
  #crowd = null;
  #pose = null; // what was found last
  #isReused = false; // whether the last picture took the pose of the one before

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
    const poseSetup = { ...shared, kind: "PoseLandmarker" };
    const handSetup = { ...shared, kind: "HandLandmarker", options: { numHands: 2 } };
    const poseModel = new Blob([pose]); // read once for each worker; it lies outside the page
    this.#bodies = new Finder(poseSetup, poseModel);
    this.#hands = new Finder(handSetup, new Blob([hands]));
    this.#crowd = new Crowd(poseSetup, poseModel);
    await Promise.all([this.#bodies.open(), this.#hands.open()]);
  }

  /** Forget earlier frames, because another source begins. */
  async reset() {
    this.#pose = null;
    this.#crowd.reset();
    await Promise.all([this.#bodies.reset(), this.#hands.reset()]);
  }

  /**
   * Find the joints in a picture.
   *
   * @param {{picture: VideoFrame|ImageBitmap, width: number, height: number}} shown the
   *   picture, which moves to a worker, and the size in which it is tracked
   * @param {number} seconds time in the source, rising
   * @param {boolean} mayReusePose take the pose of every other picture from the one before:
   *   arms are slow beside fingers, and twice as many pictures of the hands are worth more
   * @returns {Promise<{joints: Float32Array, people: number, brightness: number}>} joints
   *   [553, 3]; mean brightness of the picture, 0 black to 1 white
   */
  async track({ picture, width, height }, seconds, mayReusePose = false) {
    const facts = { width, height, seconds };
    this.#isReused = mayReusePose && !this.#isReused && this.#pose !== null;
    await this.#crowd.look(picture, facts);
    const copy = this.#isReused ? null : await copyOf(picture);
    const [pose, hands] = await Promise.all([
      copy ? this.#bodies.find(copy, facts) : this.#pose,
      this.#hands.find(picture, facts),
    ]);
    this.#pose = pose;
    return this.#assemble(pose, hands, width / height);
  }

  /** Put the pose and the hands where skeleton.py has them. */
  #assemble(pose, hands, aspect) {
    const joints = new Float32Array(JOINT_COUNT * 3).fill(NaN);
    const body = pose.found.length ? inPictureHeights(pose.found[0].points, aspect) : null;
    const found = hands.found.map(({ points, label, score }) => ({
      landmarks: inPictureHeights(points, aspect),
      label,
      score,
    }));
    const { left, right } = assignHands(body, found);
    if (body) joints.set(body, this.#parts.pose[0] * 3);
    if (left) joints.set(left, this.#parts.left_hand[0] * 3);
    if (right) joints.set(right, this.#parts.right_hand[0] * 3);
    return { joints, people: body ? this.#crowd.people : 0, brightness: hands.brightness };
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
