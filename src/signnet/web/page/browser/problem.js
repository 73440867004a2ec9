// What can go wrong, by a short code that text/*.js explains in the reader's language.

export class Problem extends Error {
  /**
   * @param {string} code such as "refused"; the text `problem.refused` explains it
   * @param {string} [detail] for the browser's console, never shown on the page
   */
  constructor(code, detail = "") {
    super(detail || code);
    this.code = code;
  }
}

const CAMERA_CODES = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "noCamera",
  OverconstrainedError: "noCamera",
  NotReadableError: "cameraBusy",
  AbortError: "cameraBusy",
};

/** Turn an error of getUserMedia or of a playing camera into a Problem. */
export function cameraProblem(error) {
  return new Problem(CAMERA_CODES[error?.name] ?? "cameraBusy", String(error));
}

/**
 * Check that this browser has what recognition needs.
 *
 * @returns {Problem|null} noWasm or oldBrowser; null if nothing is missing
 */
export function missingFeature(scope = globalThis) {
  const { WebAssembly, Worker, OffscreenCanvas, DecompressionStream } = scope;
  if (typeof WebAssembly !== "object" || !hasSimd(WebAssembly)) return new Problem("noWasm");
  const needed = [Worker, OffscreenCanvas, DecompressionStream];
  return needed.every((one) => typeof one === "function") ? null : new Problem("oldBrowser");
}

// The smallest module that uses a vector instruction: (func (drop (v128.const 0))).
// prettier-ignore
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12,
  ...new Array(16).fill(0), 26, 11,
];

function hasSimd(wasm) {
  try {
    return wasm.validate(new Uint8Array(SIMD));
  } catch {
    return false;
  }
}
