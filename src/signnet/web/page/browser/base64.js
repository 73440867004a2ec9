// Numbers as text, as taught.json holds them: base64 of little-endian values.

const SIZES = { Float32: 4, Int16: 2 }; // bytes of a value
const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CHUNK = 4096; // bytes turned into characters at once

/**
 * Write numbers as text.
 *
 * @param {ArrayLike<number>} values
 * @param {"Float32"|"Int16"} kind
 * @returns {string} "" for no numbers
 */
export function encode(values, kind) {
  const size = SIZES[kind];
  const view = new DataView(new ArrayBuffer(size * values.length));
  for (let index = 0; index < values.length; index++)
    view[`set${kind}`](size * index, values[index], true);
  const bytes = new Uint8Array(view.buffer);
  let characters = "";
  for (let start = 0; start < bytes.length; start += CHUNK)
    characters += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  return btoa(characters);
}

/**
 * Read numbers from text.
 *
 * @param {any} text
 * @param {"Float32"|"Int16"} kind
 * @param {number} count how many numbers there must be
 * @returns {Float32Array|Int16Array|null} null if the text holds anything else
 */
export function decode(text, kind, count) {
  const size = SIZES[kind];
  if (typeof text !== "string" || text.length !== 4 * Math.ceil((size * count) / 3)) return null;
  if (!STRICT.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (bytes.length !== size * count) return null;
  const view = new DataView(bytes.buffer);
  const values = kind === "Int16" ? new Int16Array(count) : new Float32Array(count);
  return values.map((_, index) => view[`get${kind}`](size * index, true));
}
