// A recorded stretch of landmarks: put on an even beat, as clip.py does it.

const VALUES = 553 * 3;

/** The usual time between frames; NaN for a single one. */
export function usualStep(times) {
  const steps = times
    .slice(1)
    .map((time, place) => time - times[place])
    .sort((a, b) => a - b);
  const middle = steps.length >> 1;
  return steps.length % 2 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2;
}

/**
 * Choose for each moment of an even beat the nearest frame in time.
 *
 * @param {number[]} times seconds, rising
 * @returns {number[]} places in `times`
 */
export function evenly(times) {
  if (times.length < 3) return times.map((_, place) => place);
  const step = usualStep(times);
  const [first, last] = [times[0], times.at(-1)];
  const places = [];
  let right = 1;
  for (let beat = 0; beat * step < last - first + 0.5 * step; beat++) {
    const moment = first + beat * step;
    while (right < times.length - 1 && times[right] < moment) right++;
    places.push(moment - times[right - 1] < times[right] - moment ? right - 1 : right);
  }
  return places;
}

/** Gather frames (Float32Array(553 * 3) each) into one array [frames, 553, 3]. */
export function gather(frames) {
  const landmarks = new Float32Array(frames.length * VALUES);
  frames.forEach((joints, place) => landmarks.set(joints, place * VALUES));
  return landmarks;
}

/** Tell whether any frame shows a hand. */
export function hasHands(frames, { left_hand: left, right_hand: right }) {
  return frames.some(
    (joints) => Number.isFinite(joints[left[0] * 3]) || Number.isFinite(joints[right[0] * 3]),
  );
}
