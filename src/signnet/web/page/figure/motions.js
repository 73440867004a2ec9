// The motions that words' pages show, read from the packed file of the site.
import { loadAll } from "../browser/loader.js";

const UNSEEN = -32768;
const VALUES = 553 * 3; // numbers in a frame

/**
 * Read the file that web/motions.py's pack_motions writes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Map<string, {fps: number, frames: Float32Array[]}>} by gloss; each frame holds
 *   joints [553, 3] in picture heights, NaN where unseen
 */
function readMotions(buffer) {
  const bytes = new Uint8Array(buffer);
  const headEnd = bytes.indexOf(10) + 1;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, headEnd)));
  const steps = new DataView(buffer, headEnd);
  const motions = new Map();
  let offset = 0;
  const readFrame = () => {
    const joints = new Float32Array(VALUES).fill(NaN);
    for (const joint of head.joints) {
      for (const axis of [0, 1]) {
        const step = steps.getInt16(2 * offset++, true);
        if (step !== UNSEEN) joints[joint * 3 + axis] = step / head.scale;
      }
    }
    return joints;
  };
  for (const { gloss, frames, fps } of head.motions)
    motions.set(gloss, { fps, frames: Array.from({ length: frames }, readFrame) });
  return motions;
}

/**
 * Load the motions when the first word is shown; if that fails, there are none.
 *
 * @param {{motions: Object}} files the `large` part of files.json
 * @returns {() => Promise<Map>} loads once, and again after a failure
 */
export function motionLoader({ motions: file }) {
  let loading = null;
  const load = async () => {
    try {
      const { motions } = await loadAll({ motions: file }, () => {});
      return readMotions(motions);
    } catch {
      loading = null;
      return new Map();
    }
  };
  return () => (loading ??= load());
}
