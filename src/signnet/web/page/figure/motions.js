// What a Player shows: the motions of the site's packed file, and recorded clips.
import { motionOf, readFrames } from "./thinned.js";

/**
 * Read the file that web/motions.py's pack_motions writes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Map<string, {fps: number, frames: Float32Array[]}>} by gloss; see readFrames
 */
export function readMotions(buffer) {
  const bytes = new Uint8Array(buffer);
  const headEnd = bytes.indexOf(10) + 1;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, headEnd)));
  const view = new DataView(buffer, headEnd);
  const motions = new Map();
  let start = 0;
  for (const { gloss, frames, fps } of head.motions) {
    const length = 2 * frames * head.joints.length;
    const stepAt = (_, index) => view.getInt16(2 * (start + index), true);
    motions.set(gloss, {
      fps,
      frames: readFrames(Int16Array.from({ length }, stepAt), head, frames),
    });
    start += length;
  }
  return motions;
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
