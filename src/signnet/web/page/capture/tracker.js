// Turns pictures into the joints of a signer, in the order of skeleton.py.
//
// x and y in picture heights (x and z are multiplied by width / height), NaN where a joint
// was not seen; left and right are the signer's own.
import { assignHands } from "./hands.js";
import { Helper } from "../browser/worker.js";

const JOINTS = 553;
const FAULT = "trackerFailed";

export class Tracker {
  #pose = new Helper("capture/tracker.worker.js", "classic", FAULT);
  #hands = new Helper("capture/tracker.worker.js", "classic", FAULT);
  #parts;
  #wasm = "";
  #body = null; // as last asked for
  #isHeld = false; // whether the last picture took the body of the one before

  /** @param {{left_hand: number[], right_hand: number[]}} parts joints of each part */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Start both landmarkers; the buffers are given away. */
  async open({ wasm, pose, hands }) {
    // A blob: MediaPipe wants an address, and what was loaded is packed.
    this.#wasm = URL.createObjectURL(new Blob([wasm], { type: "application/wasm" }));
    const given = { base: new URL(".", document.baseURI).href, wasm: this.#wasm };
    await Promise.all([
      this.#pose.ask("open", { ...given, kind: "PoseLandmarker", model: pose }, [pose]),
      this.#hands.ask(
        "open",
        { ...given, kind: "HandLandmarker", model: hands, options: { numHands: 2 } },
        [hands],
      ),
    ]);
  }

  /** Forget the frames before. */
  async reset() {
    this.#body = null;
    await Promise.all([this.#pose.ask("reset"), this.#hands.ask("reset")]);
  }

  /**
   * Find the joints in a picture.
   *
   * @param {ImageBitmap} picture given away
   * @param {number} seconds
   * @param {boolean} isLean take the body of every other picture from the one before: arms
   *   are slow beside fingers, and twice as many pictures of the hands are worth more
   * @returns {Promise<{joints: Float32Array, people: number}>}
   */
  async see(picture, seconds, isLean = false) {
    const aspect = picture.width / picture.height;
    this.#isHeld = isLean && !this.#isHeld && this.#body !== null;
    const second = this.#isHeld ? null : await createImageBitmap(picture);
    const [body, pair] = await Promise.all([
      second ? this.#pose.ask("see", { picture: second, seconds }, [second]) : this.#body,
      this.#hands.ask("see", { picture, seconds }, [picture]),
    ]);
    this.#body = body;
    const joints = new Float32Array(JOINTS * 3).fill(NaN);
    const pose = body.found.length ? stretched(body.found[0].points, aspect) : null;
    const hands = pair.found.map(({ points, ...more }) => ({
      landmarks: stretched(points, aspect),
      ...more,
    }));
    const { left, right } = assignHands(pose, hands);
    if (pose) joints.set(pose, this.#parts.pose[0] * 3);
    if (left) joints.set(left, this.#parts.left_hand[0] * 3);
    if (right) joints.set(right, this.#parts.right_hand[0] * 3);
    return { joints, people: pose ? body.people : 0 };
  }

  close() {
    this.#pose.close();
    this.#hands.close();
    URL.revokeObjectURL(this.#wasm);
  }
}

function stretched(points, aspect) {
  return Float32Array.from(points.flatMap(({ x, y, z }) => [x * aspect, y, z * aspect]));
}
