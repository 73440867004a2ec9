// Which hand made a sign: the left, the right, or both; hands.py says when, and this follows it.
import { median } from "../browser/median.js";

const JOINTS = 553;
const SIDES = [
  { name: "left", shoulder: 11, wrist: 15, hand: 33 },
  { name: "right", shoulder: 12, wrist: 16, hand: 54 },
];
const TIPS = [0, 4, 8, 12, 16, 20]; // the wrist and the fingertips within a hand
const PALM_END = 9;
const PALMS_PER_SHOULDER = 4; // shoulder width by palm length, where no body is seen
const LEAST_WIDTH = 1e-3; // picture heights
const SHARE = 0.5; // of the time that both take part
const MOVES = 0.25; // of the other hand's way
const CLOSE = 0.6; // shoulder widths between the palms
const USUAL_RATE = 30; // frames a second of a clip that does not say

/**
 * Tell which hand made a sign.
 *
 * @param {Float32Array} landmarks [frames, 553, 3] in picture heights, NaN where unseen
 * @param {{raised: number, lost_seconds: number}} settings the content of stream.json
 * @param {number} [rate] frames a second
 * @returns {"left"|"right"|"both"|null} the signer's own side; null if no hand was seen
 */
export function signingHand(landmarks, settings, rate = USUAL_RATE) {
  const clip = new Points(landmarks);
  const body = bodyOf(clip);
  const gap = settings.lost_seconds * rate;
  const near = SIDES.map(({ hand }) =>
    within(
      clip.frames.map((at) => clip.isSeen(at, hand)),
      gap,
    ),
  );
  let up = SIDES.map((side, index) => isUp(clip, side, near[index], body, settings.raised));
  const isAny = (sides) => sides.some((one) => one.some(Boolean));
  if (!isAny(up)) up = near; // hands that never come up are all there is
  if (!isAny(up)) return null;
  const paths = SIDES.map((side, index) => pathOf(clip, side, up[index]));
  const counts = up.map((one) => one.filter(Boolean).length);
  const isSecond = counts[1] > counts[0] || (counts[1] === counts[0] && paths[1] > paths[0]);
  const first = isSecond ? 1 : 0;
  const together = clip.frames.filter((at) => up[0][at] && up[1][at]);
  if (together.length < SHARE * counts[first]) return SIDES[first].name;
  const areMoving = Math.min(...paths) >= MOVES * Math.max(...paths);
  if (areMoving || areClose(clip, together, body.unit)) return "both";
  return paths[0] > paths[1] ? "left" : "right";
}

/** The points of a clip by frame and joint. */
class Points {
  #landmarks;

  constructor(landmarks) {
    this.#landmarks = landmarks;
    this.frames = Array.from({ length: landmarks.length / (3 * JOINTS) }, (_, frame) => frame);
  }

  x(frame, joint) {
    return this.#landmarks[3 * (frame * JOINTS + joint)];
  }

  y(frame, joint) {
    return this.#landmarks[3 * (frame * JOINTS + joint) + 1];
  }

  isSeen(frame, joint) {
    return Number.isFinite(this.x(frame, joint));
  }

  /** Distance between two joints, of the same frame or of two. */
  apart(frame, joint, otherJoint, otherFrame = frame) {
    const x = this.x(frame, joint) - this.x(otherFrame, otherJoint);
    return Math.hypot(x, this.y(frame, joint) - this.y(otherFrame, otherJoint));
  }
}

/** The shoulders' usual width and height; by the palms, without a height, if there is no body. */
function bodyOf(clip) {
  const [left, right] = SIDES.map(({ shoulder }) => shoulder);
  const width = median(clip.frames.map((at) => clip.apart(at, left, right)));
  if (Number.isFinite(width)) {
    const middles = clip.frames.map((at) => (clip.y(at, left) + clip.y(at, right)) / 2);
    return { unit: Math.max(width, LEAST_WIDTH), middle: median(middles) };
  }
  const palms = SIDES.flatMap(({ hand }) =>
    clip.frames.map((at) => clip.apart(at, hand, hand + PALM_END)),
  );
  const palm = median(palms);
  const length = Number.isFinite(palm) ? palm : 1;
  return { unit: Math.max(length * PALMS_PER_SHOULDER, LEAST_WIDTH), middle: NaN };
}

/** Tell for each frame whether it is at most `gap` frames from one that is true. */
function within(seen, gap) {
  const known = seen.flatMap((isSeen, frame) => (isSeen ? [frame] : []));
  return seen.map((_, frame) => known.some((one) => Math.abs(one - frame) <= gap));
}

/** Tell for each frame whether a hand is there and up. */
function isUp(clip, { wrist, hand }, near, { unit, middle }, raised) {
  if (Number.isNaN(middle)) return near;
  return clip.frames.map((at) => {
    const height = Number.isFinite(clip.y(at, wrist)) ? clip.y(at, wrist) : clip.y(at, hand);
    return near[at] && (height - middle) / unit < raised;
  });
}

/** How far wrist and fingertips go while the hand is up. */
function pathOf(clip, { hand }, up) {
  const joints = TIPS.map((tip) => hand + tip);
  const frames = clip.frames.filter(
    (at) => up[at] && joints.every((joint) => clip.isSeen(at, joint)),
  );
  let path = 0;
  for (let index = 1; index < frames.length; index++)
    for (const joint of joints)
      path += clip.apart(frames[index], joint, joint, frames[index - 1]) / joints.length;
  return path;
}

/** Tell whether the palms are close to each other in most of these frames. */
function areClose(clip, frames, unit) {
  const [left, right] = SIDES.map(({ hand }) => hand + PALM_END);
  return median(frames.map((at) => clip.apart(at, left, right))) / unit < CLOSE;
}
