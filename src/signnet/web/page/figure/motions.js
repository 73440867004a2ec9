// The motions that words' pages show, read from the packed file of the site.
import { loadAll } from "../browser/loader.js";
import { readFrames } from "./thinned.js";

/**
 * Read the file that web/motions.py's pack_motions writes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Map<string, {fps: number, frames: Float32Array[]}>} by gloss; see readFrames
 */
function readMotions(buffer) {
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
 * Load the motions when the first word is shown.
 *
 * @param {{motions: Object}} files the `large` part of files.json
 * @returns {() => Promise<Map>} loads once, and again after a failure; rejected with a
 *   Problem: network, missing or damaged
 */
export function motionLoader({ motions: file }) {
  let loading = null;
  const load = async () => {
    try {
      const { motions } = await loadAll({ motions: file }, () => {});
      return readMotions(motions);
    } catch (error) {
      loading = null;
      throw error;
    }
  };
  return () => (loading ??= load());
}
