// Numbers as float16, which datasets store: half the bytes of float32, exact to 0.0005 of a
// picture's height. Browsers before 2025 have no float16 of their own.
import { encodeNumbers } from "../engine/index.js";

const single = new DataView(new ArrayBuffer(4));
const SMALLEST_NORMAL = 2 ** -14;

/** Write numbers as base64 of little-endian float16. */
export const encodeHalf = (values) => encodeNumbers(Array.from(values, bitsOf), "Int16");

/** Give the bits of the nearest float16, ties to even; infinite beyond its range. */
function bitsOf(value) {
  if (Number.isNaN(value)) return 0x7e00;
  single.setFloat32(0, Math.abs(value));
  const bits = single.getUint32(0);
  const sign = value < 0 ? 0x8000 : 0;
  if (Math.abs(value) < SMALLEST_NORMAL) return sign | roundToEven(Math.abs(value) * 2 ** 24);
  const exponent = (bits >>> 23) - 112;
  if (exponent > 30) return sign | 0x7c00;
  return sign | ((exponent << 10) + roundToEven((bits & 0x7fffff) / 2 ** 13));
}

function roundToEven(value) {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2) ? whole + 1 : whole;
}
