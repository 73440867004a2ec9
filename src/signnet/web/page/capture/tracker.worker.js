// Finds the pose or the hands in pictures, off the main thread.
//
// A classic worker: MediaPipe's loader calls importScripts, which module workers lack. One
// worker for the pose and one for the hands, so that two processor cores share the work.
"use strict";

// MediaPipe reports its start-up as errors and warnings; keep them for debugging only.
console.log = console.info = console.warn = console.error = console.debug;

const COUNT_SECONDS = 3; // time between two counts of people, which cost a whole detection
const COUNTS = 3; // with one person each, after which nobody is counted: it holds 100 MB

let landmarker, carry;
let openCounter = null;
let counter = null;
let isFresh = true; // whether no picture came since the start or the last reset
let clock = 0; // milliseconds; MediaPipe wants them to rise, whatever the source does
let lastSeconds = null;
let people = 1;
let counts = 0; // that found one person
let countedAt = null; // seconds

/** Start a landmarker: `kind` is PoseLandmarker or HandLandmarker. */
async function open({ base, wasm, kind, model, options }) {
  const vision = await import(`${base}vendor/vision_bundle.mjs`);
  carry = await import(`${base}capture/carry.js`);
  const files = { wasmLoaderPath: `${base}vendor/vision_wasm_internal.js`, wasmBinaryPath: wasm };
  const create = (more) =>
    vision[kind].createFromOptions(files, {
      baseOptions: { modelAssetBuffer: new Uint8Array(model), delegate: "CPU" },
      canvas: carry.carryingCanvas(),
      ...more,
    });
  landmarker = await create({ runningMode: "VIDEO", ...options });
  if (kind === "PoseLandmarker") openCounter = () => create({ runningMode: "IMAGE", numPoses: 2 });
  return {};
}

/** Forget earlier frames: another camera, another film, or another position in it. */
async function reset() {
  if (isFresh) return {};
  isFresh = true;
  await landmarker.setOptions({ runningMode: "VIDEO" });
  lastSeconds = countedAt = null;
  people = 1;
  counts = 0;
  return {};
}

/** Give MediaPipe's time of a picture in milliseconds. */
function advance(seconds) {
  const step = lastSeconds === null ? 0 : Math.round((seconds - lastSeconds) * 1000);
  lastSeconds = seconds;
  clock += Math.max(1, step);
  return clock;
}

async function countPeople(pixels, seconds) {
  countedAt ??= seconds;
  if (!openCounter || counts === COUNTS || seconds - countedAt < COUNT_SECONDS) return;
  countedAt = seconds;
  counter ??= await openCounter();
  people = counter.detect(pixels).landmarks.length;
  counts = people > 1 ? 0 : counts + 1;
  if (counts < COUNTS) return;
  counter.close();
  counter = null;
}

/** Find bodies or hands: each with its landmarks [{x, y, z}] as MediaPipe has them. */
async function detect({ picture, width, height, seconds }) {
  isFresh = false;
  const pixels = await carry.pixelsOf(picture, width, height);
  const { landmarks, handedness } = landmarker.detectForVideo(pixels, advance(seconds));
  await countPeople(pixels, seconds);
  const found = landmarks.map((points, index) => ({
    points,
    label: handedness?.[index][0].categoryName,
    score: handedness?.[index][0].score,
  }));
  return { found, people, brightness: carry.brightnessOf(pixels) };
}

const tasks = { open, reset, detect };

self.onmessage = async ({ data: { task, id, ...given } }) => {
  try {
    self.postMessage({ id, result: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};
