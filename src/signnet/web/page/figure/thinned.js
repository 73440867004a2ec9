// A clip thinned to a small moving skeleton, which a taught word keeps as its figure.
const UNSEEN = -32768;
const STEPS = 4096; // of a stored place, per picture height
const VALUES = 553 * 3; // numbers in a frame
const HANDS = [33, 75]; // first joint of the hands, and the end
const MOST_FRAMES = 16;
const FASTEST = 1000; // frames per second

const range = (start, stop) => Array.from({ length: stop - start }, (_, index) => start + index);

/** What a thinned skeleton consists of: the pose down to the hips, and both hands. */
export const SKELETON = { joints: [...range(0, 25), ...range(...HANDS)], scale: STEPS };

/** How many numbers a skeleton of some frames has. */
export const valuesOf = (frames) => frames * SKELETON.joints.length * 2;

/** Tell whether frames and their rate are such as `thin` gives. */
export const isThin = (fps, frames) =>
  Number.isInteger(frames) &&
  frames >= 1 &&
  frames <= MOST_FRAMES &&
  Number.isFinite(fps) &&
  fps > 0 &&
  fps <= FASTEST;

/**
 * Thin a clip to a few frames over the time in which a hand is seen.
 *
 * @param {{landmarks: Float32Array, frames: number, fps: number}} clip [frames, 553, 3] in
 *   picture heights, NaN where unseen
 * @returns {{fps: number, frames: number, points: Int16Array}|null} points [frame, joint, 2]
 *   of SKELETON's joints, at the speed of the clip; null if no hand is seen
 */
export function thin({ landmarks, frames: count, fps: rate }) {
  const handsOf = (frame) =>
    landmarks.subarray(frame * VALUES + HANDS[0] * 3, frame * VALUES + HANDS[1] * 3);
  const seen = range(0, count).filter((frame) => handsOf(frame).some(Number.isFinite));
  if (!seen.length) return null;
  const frames = Math.min(MOST_FRAMES, seen.length);
  const span = seen.at(-1) - seen[0];
  const moments = range(0, frames).map((index) => seen[0] + (index * span) / (frames - 1 || 1));
  const points = moments.flatMap((moment) => stepsOf(landmarks, nearest(seen, moment)));
  const fps = span ? (rate * (frames - 1)) / span : rate;
  return { fps, frames, points: Int16Array.from(points) };
}

const nearest = (frames, moment) =>
  frames.reduce((best, frame) =>
    Math.abs(frame - moment) < Math.abs(best - moment) ? frame : best,
  );

function stepsOf(landmarks, frame) {
  return SKELETON.joints.flatMap((joint) => {
    const start = frame * VALUES + joint * 3;
    return [toStep(landmarks[start]), toStep(landmarks[start + 1])];
  });
}

function toStep(height) {
  if (!Number.isFinite(height)) return UNSEEN;
  return Math.max(-32767, Math.min(32767, Math.round(height * STEPS)));
}

/**
 * Unpack frames of stored joints.
 *
 * @param {Int16Array} steps [frame, joint, 2], x and y
 * @param {{joints: number[], scale: number}} stored which joints, and steps per picture height
 * @param {number} count how many frames
 * @returns {Float32Array[]} joints [553, 3] in picture heights, NaN where unseen
 */
export function readFrames(steps, { joints, scale }, count) {
  return Array.from({ length: count }, (_, frame) => {
    const unpacked = new Float32Array(VALUES).fill(NaN);
    for (const [index, joint] of joints.entries()) {
      const place = 2 * (frame * joints.length + index);
      if (steps[place] === UNSEEN || steps[place + 1] === UNSEEN) continue;
      unpacked[joint * 3] = steps[place] / scale;
      unpacked[joint * 3 + 1] = steps[place + 1] / scale;
    }
    return unpacked;
  });
}

/** Give a thinned skeleton as a motion that a Player shows; it has two frames at least. */
export function motionOf({ fps, frames: count, points }) {
  const frames = readFrames(points, SKELETON, count);
  return { fps, frames: count > 1 ? frames : [...frames, ...frames], isClip: true };
}
