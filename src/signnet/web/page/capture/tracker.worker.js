// Finds the pose or the hands in pictures, off the main thread.
//
// A classic worker: MediaPipe's loader calls importScripts, which module workers lack. One
// worker for the pose and one for the hands, so that two processor cores share the work.
"use strict";

// MediaPipe reports its start-up as errors and warnings; keep them for debugging only.
console.log = console.info = console.warn = console.error = console.debug;

let landmarker, carry;
let isVideo = true; // whether a picture may be found from the one before
let isFresh = true; // whether no picture came since the start or the last reset
let clock = 0; // milliseconds; MediaPipe wants them to rise, whatever the source does
let lastSeconds = null;

/** Start a landmarker of a `kind`, such as PoseLandmarker; `delegate` CPU or GPU, `model` a Blob. */
async function open({ base, wasm, kind, model, delegate, options }) {
  const vision = await import(`${base}vendor/vision_bundle.mjs`);
  carry = await import(`${base}capture/carry.js`);
  const files = { wasmLoaderPath: `${base}vendor/vision_wasm_internal.js`, wasmBinaryPath: wasm };
  const canvas = delegate === "CPU" ? carry.carryingCanvas() : new OffscreenCanvas(1, 1);
  const baseOptions = { modelAssetBuffer: new Uint8Array(await model.arrayBuffer()), delegate };
  const all = { baseOptions, canvas, runningMode: "VIDEO", ...options };
  isVideo = all.runningMode === "VIDEO";
  landmarker = await vision[kind].createFromOptions(files, all);
  return {};
}

/** Forget earlier frames: another camera, another film, or another position in it. */
async function reset() {
  if (isFresh) return {};
  isFresh = true;
  await landmarker.setOptions({ runningMode: "VIDEO" });
  lastSeconds = null;
  return {};
}

/** Give MediaPipe's time of a picture in milliseconds. */
function advance(seconds) {
  const step = lastSeconds === null ? 0 : Math.round((seconds - lastSeconds) * 1000);
  lastSeconds = seconds;
  clock += Math.max(1, step);
  return clock;
}

/** Find bodies or hands: each with its landmarks [{x, y, z}] as MediaPipe has them. */
async function detect({ picture, width, height, seconds }) {
  isFresh = false;
  const pixels = await carry.pixelsOf(picture, width, height);
  const started = performance.now();
  const { landmarks, handedness } = isVideo
    ? landmarker.detectForVideo(pixels, advance(seconds))
    : landmarker.detect(pixels);
  const milliseconds = performance.now() - started;
  const found = landmarks.map((points, index) => ({
    points,
    label: handedness?.[index][0].categoryName,
    score: handedness?.[index][0].score,
  }));
  return { found, milliseconds, brightness: carry.brightnessOf(pixels) };
}

const tasks = { open, reset, detect };

self.onmessage = async ({ data: { task, id, ...given } }) => {
  try {
    self.postMessage({ id, result: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};
