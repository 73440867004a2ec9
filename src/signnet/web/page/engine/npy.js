// Reads an array of float16 or float32 numbers as NumPy writes it (.npy).
import { Problem } from "../browser/problem.js";

const MAGIC = "\x93NUMPY";
const HEAD = 10; // bytes before the description in version 1
const ORDERS = { "<f2": 2, "<f4": 4 }; // bytes of a value

/**
 * Read rows of numbers.
 *
 * @param {ArrayBuffer} buffer the content of a .npy file of version 1
 * @returns {{columns: number, values: Float32Array}} values [row, column]
 * @throws {Problem} damaged
 */
export function readNpy(buffer) {
  const view = new DataView(buffer);
  const text = String.fromCharCode(...new Uint8Array(buffer, 0, Math.min(HEAD, buffer.byteLength)));
  const isLong = buffer.byteLength >= HEAD && buffer.byteLength >= HEAD + view.getUint16(8, true);
  if (!isLong || !text.startsWith(MAGIC) || text.charCodeAt(6) !== 1)
    throw new Problem("damaged", "a .npy file does not begin as NumPy writes it");
  const start = HEAD + view.getUint16(8, true);
  const description = new TextDecoder().decode(new Uint8Array(buffer, HEAD, start - HEAD));
  const kind = /'descr': '(.+?)'/.exec(description)?.[1];
  const [, rows, columns] = /\((\d+), (\d+)\)/.exec(description) ?? [];
  const size = ORDERS[kind];
  const isPlain = size && columns && description.includes("'fortran_order': False");
  if (!isPlain || buffer.byteLength - start !== size * rows * columns)
    throw new Problem("damaged", `a .npy file holds ${description.trim()}`);
  const read = size === 4 ? (at) => view.getFloat32(at, true) : (at) => half(view, at);
  const values = Float32Array.from({ length: rows * columns }, (_, n) => read(start + size * n));
  return { columns: Number(columns), values };
}

/** Read a float16, which not every browser can. */
function half(view, at) {
  const bits = view.getUint16(at, true);
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent
    ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
    : sign * 2 ** -14 * (fraction / 1024);
}
