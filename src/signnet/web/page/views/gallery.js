// The gallery: words beyond the vocabulary, found by how near a sign is to theirs.
import { decode, loadAll, motionOf, Problem, valuesOf } from "../engine/index.js";

/**
 * Read the file that web/gallery.py's pack_gallery writes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {{gloss: string, point: Float32Array, motion: Object}[]} `point` is the mean
 *   embedding of the word's clips; `motion` see Player.show
 */
export function readGallery(buffer) {
  const { axes, words } = JSON.parse(new TextDecoder().decode(buffer));
  return words.map(({ gloss, embedding, skeleton }) => {
    const point = decode(embedding, "Float32", axes);
    const points = decode(skeleton.points, "Int16", valuesOf(skeleton.frames));
    if (!point || !points) throw new Problem("damaged", `the gallery's ${gloss}`);
    return { gloss, point, motion: motionOf({ ...skeleton, points }) };
  });
}

/** Give the words whose points are nearest to the last axes of an embedding. */
export function nearestOf(gallery, embedding, count) {
  const distance = ({ point }) => {
    const start = embedding.length - point.length;
    return point.reduce((sum, value, axis) => sum + (value - embedding[start + axis]) ** 2, 0);
  };
  const ranked = gallery.map((word) => [distance(word), word]);
  ranked.sort(([one], [other]) => one - other);
  return ranked.slice(0, count).map(([, word]) => word);
}

/**
 * Load the gallery when it is first needed.
 *
 * @param {{gallery?: Object}} files the `large` part of files.json
 * @returns {() => Promise<Object[]>} empty if the site has none; loads once, and again after
 *   a failure
 */
export function galleryLoader({ gallery: file }) {
  let loading = null;
  const load = async () => {
    if (!file) return [];
    try {
      return readGallery((await loadAll({ gallery: file }, () => {})).gallery);
    } catch (error) {
      loading = null;
      throw error;
    }
  };
  return () => (loading ??= load());
}
