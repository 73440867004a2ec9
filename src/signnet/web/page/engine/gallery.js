// The gallery: words beyond the vocabulary, found by how near a sign is to theirs.
import { decode } from "../browser/base64.js";
import { Problem } from "../browser/problem.js";
import { motionOf, valuesOf } from "../figure/thinned.js";

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

/** Give words, but none of the known glosses, whose points are nearest to an embedding's end. */
export function nearestOf(gallery, embedding, count, known = []) {
  const distance = ({ point }) => {
    const start = embedding.length - point.length;
    return point.reduce((sum, value, axis) => sum + (value - embedding[start + axis]) ** 2, 0);
  };
  const others = gallery.filter(({ gloss }) => !known.includes(gloss));
  const ranked = others.map((word) => [distance(word), word]);
  ranked.sort(([one], [other]) => one - other);
  return ranked.slice(0, count).map(([, word]) => word);
}
