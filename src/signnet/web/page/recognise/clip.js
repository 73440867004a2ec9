// Recorded frames of landmarks at a constant frame rate, as clip.py computes it.

import { median } from "../browser/median.js";

const VALUES = 553 * 3; // numbers in a frame

/** Median time between frames; NaN for a single frame. */
export const medianStep = (times) =>
  median(times.slice(1).map((time, index) => time - times[index]));

/**
 * Choose the nearest frame for each moment of a constant frame rate, as Clip.evenly_timed.
 *
 * @param {number[]} times seconds, rising
 * @returns {number[]} indices into `times`
 */
export function evenlyTimed(times) {
  if (times.length < 3) return times.map((_, index) => index);
  const step = medianStep(times);
  const [first, last] = [times[0], times.at(-1)];
  const indices = [];
  let right = 1;
  for (let count = 0; count * step < last - first + 0.5 * step; count++) {
    const moment = first + count * step;
    while (right < times.length - 1 && times[right] < moment) right++;
    indices.push(moment - times[right - 1] < times[right] - moment ? right - 1 : right);
  }
  return indices;
}

/** Copy frames (Float32Array [553, 3] each) into one array [frames, 553, 3]. */
export function stack(frames) {
  const landmarks = new Float32Array(frames.length * VALUES);
  frames.forEach((joints, index) => landmarks.set(joints, index * VALUES));
  return landmarks;
}

/** Tell whether any frame shows a hand; `parts` holds the first joint and end of each part. */
export function hasHands(frames, { left_hand: left, right_hand: right }) {
  const isSeen = (joints, [start]) => Number.isFinite(joints[start * 3]);
  return frames.some((joints) => isSeen(joints, left) || isSeen(joints, right));
}
