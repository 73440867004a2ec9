// Finds the pose or the hands in pictures, off the main thread.
//
// A classic worker: MediaPipe's loader calls importScripts, which module workers lack. One
// worker for the pose and one for the hands, so that two processor cores share the work.
"use strict";

// MediaPipe reports its start-up as errors and warnings; keep them for debugging only.
console.log = console.info = console.warn = console.error = console.debug;

const COUNT_SECONDS = 3; // time between two counts of people, which cost a whole detection

let landmarker, counter;
let isFresh = true; // whether no picture came since the start or the last reset
let clock = 0; // milliseconds; MediaPipe wants them to rise, whatever the source does
let lastSeconds = null;
let people = 1;
let countedAt = null; // seconds

/** Start a landmarker: `kind` is PoseLandmarker or HandLandmarker. */
async function open({ base, wasm, kind, model, options }) {
  const vision = await import(`${base}vendor/vision_bundle.mjs`);
  const files = { wasmLoaderPath: `${base}vendor/vision_wasm_internal.js`, wasmBinaryPath: wasm };
  const settings = {
    baseOptions: { modelAssetBuffer: new Uint8Array(model), delegate: "CPU" },
    runningMode: "VIDEO",
    ...options,
  };
  landmarker = await vision[kind].createFromOptions(files, settings);
  if (kind === "PoseLandmarker") {
    const forTwo = { ...settings, numPoses: 2, runningMode: "IMAGE" };
    counter = await vision.PoseLandmarker.createFromOptions(files, forTwo);
  }
  return {};
}

/** Forget earlier frames: another camera, another film, or another position in it. */
async function reset() {
  if (isFresh) return {};
  isFresh = true;
  await landmarker.setOptions({ runningMode: "VIDEO" });
  lastSeconds = countedAt = null;
  people = 1;
  return {};
}

/** Give MediaPipe's time of a picture in milliseconds. */
function advance(seconds) {
  const step = lastSeconds === null ? 0 : Math.round((seconds - lastSeconds) * 1000);
  lastSeconds = seconds;
  clock += Math.max(1, step);
  return clock;
}

function countPeople(picture, seconds) {
  countedAt ??= seconds;
  if (!counter || seconds - countedAt < COUNT_SECONDS) return;
  countedAt = seconds;
  people = counter.detect(picture).landmarks.length;
}

/** Find bodies or hands: each with its landmarks [{x, y, z}] as MediaPipe has them. */
function detect({ picture, seconds }) {
  isFresh = false;
  const { landmarks, handedness } = landmarker.detectForVideo(picture, advance(seconds));
  countPeople(picture, seconds);
  picture.close();
  const found = landmarks.map((points, index) => ({
    points,
    label: handedness?.[index][0].categoryName,
    score: handedness?.[index][0].score,
  }));
  return { found, people };
}

const tasks = { open, reset, detect };

self.onmessage = async ({ data: { task, id, ...given } }) => {
  try {
    self.postMessage({ id, result: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};
