// What can go wrong, by a short name that text/*.js explains in the reader's language.

export class Problem extends Error {
  /**
   * @param {string} code such as "refused"; `problem.refused` is its text
   * @param {string} [detail] for the console of who looks after the page, never shown
   */
  constructor(code, detail = "") {
    super(detail || code);
    this.code = code;
  }
}

const CAMERA = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "noCamera",
  OverconstrainedError: "noCamera",
  NotReadableError: "cameraBusy",
  AbortError: "cameraBusy",
};

/** Name what getUserMedia threw. */
export function cameraProblem(error) {
  return new Problem(CAMERA[error?.name] ?? "cameraBusy", String(error));
}

/** Say what this browser lacks for recognition, or null. */
export function lacking(scope = globalThis) {
  if (typeof scope.WebAssembly !== "object" || !hasSimd(scope.WebAssembly))
    return new Problem("noWasm");
  if (typeof scope.Worker !== "function" || typeof scope.createImageBitmap !== "function") {
    return new Problem("oldBrowser");
  }
  if (typeof scope.DecompressionStream !== "function") return new Problem("oldBrowser");
  return null;
}

// The smallest module that uses a vector instruction: (func (drop (v128.const 0))).
const SIMD = [
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  96,
  0,
  0,
  3,
  2,
  1,
  0,
  10,
  23,
  1,
  21,
  0,
  253,
  12,
  ...new Array(16).fill(0),
  26,
  11,
];

function hasSimd(wasm) {
  try {
    return wasm.validate(new Uint8Array(SIMD));
  } catch {
    return false;
  }
}
