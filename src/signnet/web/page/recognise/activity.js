// Measures how high the hands are and how fast they move: activity.py in JavaScript.

const SIDES = [
  { hand: 33, wrist: 15 },
  { hand: 54, wrist: 16 },
];
const SHOULDERS = [11, 12];
const SPAN = [0, 4, 8, 12, 16, 20];
const PALM_END = 9;
const PALMS_PER_SHOULDER = 4;
const NARROWEST = 0.05;
const UNIT_SECONDS = 1;

/** Follows the shoulders, which are the measure, and the hands. */
export class Activity {
  #settings;
  #unit = NaN;
  #middle = NaN;
  #time = NaN;
  #seen = [-Infinity, -Infinity];

  /** @param {Object} settings the content of stream.json */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * Describe a frame.
   *
   * @param {number} time seconds
   * @param {Float32Array} joints [553, 3] in picture heights, NaN where unseen
   * @param {Object|null} before an earlier frame to measure speed with
   * @returns {{time: number, joints: Float32Array, depth: number, speed: number,
   *   hands: boolean}} depth of the higher hand below the shoulders in shoulder widths,
   *   speed of the faster hand in shoulder widths a second, whether hands were seen
   */
  frame(time, joints, before) {
    this.#followShoulders(time, joints);
    let depth = Infinity;
    let speed = 0;
    for (const [side, { hand, wrist }] of SIDES.entries()) {
      if (Number.isFinite(joints[3 * hand])) this.#seen[side] = time;
      if (time - this.#seen[side] > this.#settings.lost_seconds) continue;
      depth = Math.min(depth, this.#depth(joints, hand, wrist));
      if (before === null) continue;
      const path = pathOf(joints, before.joints, hand, wrist) / this.#unit;
      const now = path / (time - before.time);
      if (now > speed) speed = now; // Math.max would keep a NaN
    }
    return { time, joints, depth, speed, hands: this.#seen.includes(time) };
  }

  #followShoulders(time, joints) {
    const [left, right] = SHOULDERS;
    let width = apart(joints, left, joints, right);
    if (Number.isFinite(width)) {
      this.#middle = (joints[3 * left + 1] + joints[3 * right + 1]) / 2;
    } else if (Number.isNaN(this.#middle)) {
      const palms = SIDES.map(({ hand }) => apart(joints, hand, joints, hand + PALM_END));
      const known = palms.filter(Number.isFinite);
      width = known.length ? Math.max(...known) * PALMS_PER_SHOULDER : NaN;
    }
    if (!Number.isFinite(width)) return;
    width = Math.max(width, NARROWEST);
    if (Number.isNaN(this.#unit)) [this.#unit, this.#time] = [width, time];
    const share = Math.min(1, (time - this.#time) / UNIT_SECONDS);
    this.#unit += share * (width - this.#unit);
    this.#time = time;
  }

  #depth(joints, hand, wrist) {
    if (Number.isNaN(this.#middle)) return 0; // a hand without a body: taken as raised
    const joint = Number.isFinite(joints[3 * wrist + 1]) ? wrist : hand;
    const depth = (joints[3 * joint + 1] - this.#middle) / this.#unit;
    return Number.isFinite(depth) ? depth : Infinity;
  }
}

/** Path of a hand, or else of its wrist, since an earlier frame, in picture heights. */
function pathOf(now, then, hand, wrist) {
  let path = 0;
  for (const joint of SPAN) path += apart(now, hand + joint, then, hand + joint);
  path /= SPAN.length;
  if (!Number.isFinite(path)) path = apart(now, wrist, then, wrist);
  return Number.isFinite(path) ? path : 0;
}

function apart(first, one, second, other) {
  const x = first[3 * one] - second[3 * other];
  const y = first[3 * one + 1] - second[3 * other + 1];
  return Math.sqrt(x * x + y * y);
}
