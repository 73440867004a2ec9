// What a Player shows: the motions of the site's packed file, and recorded clips.
import { motionOf, readFrames } from "./thinned.js";

/**
 * Read the file that web/motions.py's pack_motions writes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {(gloss: string) => {fps: number, frames: Float32Array[]}|null} unpacks the motion
 *   of a gloss, see readFrames: all of them would take ten times the room
 */
export function readMotions(buffer) {
  const bytes = new Uint8Array(buffer);
  const headEnd = bytes.indexOf(10) + 1;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, headEnd)));
  const view = new DataView(buffer, headEnd);
  const places = new Map();
  let start = 0;
  for (const { gloss, frames, fps } of head.motions) {
    places.set(gloss, { start, frames, fps });
    start += 2 * frames * head.joints.length;
  }
  return (gloss) => {
    if (!places.has(gloss)) return null;
    const { start: first, frames, fps } = places.get(gloss);
    const length = 2 * frames * head.joints.length;
    const steps = Int16Array.from({ length }, (_, n) => view.getInt16(2 * (first + n), true));
    return { fps, frames: readFrames(steps, head, frames) };
  };
}

/**
 * Give the motion of a clip: the skeleton of a taught one, the seen frames of a recorded one.
 *
 * @param {{skeleton: Object|null}|{landmarks: Float32Array, frames: number, fps: number}} clip
 * @returns {{fps: number, frames: Float32Array[]}|null} two frames at least; null if the clip
 *   has no figure
 */
export function motionOfClip({ skeleton, landmarks, frames: count, fps }) {
  if (!landmarks) return skeleton ? motionOf(skeleton) : null;
  const width = landmarks.length / count;
  const frames = Array.from({ length: count }, (_, index) =>
    landmarks.subarray(index * width, (index + 1) * width),
  );
  const seen = frames.filter((joints) => joints.some(Number.isFinite));
  const shown = seen.length > 1 ? seen : [...seen, ...seen];
  return { frames: shown, fps: (fps * seen.length) / count };
}
