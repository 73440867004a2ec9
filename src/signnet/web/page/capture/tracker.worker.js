// Finds the pose or the hands in pictures, off the main thread.
//
// A classic worker: MediaPipe's loader calls importScripts, which module workers lack. One
// worker for the pose and one for the hands, so that two processor cores share the work.
"use strict";

// MediaPipe reports its start-up as errors and warnings; they are for who debugs it.
console.log = console.info = console.warn = console.error = console.debug;

const CROWD_SECONDS = 3; // looking for a second person costs a whole detection

let landmarker, crowd;
let isFresh = true;
let clock = 0; // milliseconds; MediaPipe wants them to rise, whatever the source does
let lastSeconds = null;
let people = 1;
let counted = null;

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
    const several = { ...settings, numPoses: 2, runningMode: "IMAGE" };
    crowd = await vision.PoseLandmarker.createFromOptions(files, several);
  }
  return {};
}

/** Forget the frames before: another camera, another film, another place in it. */
async function reset() {
  if (isFresh) return {};
  isFresh = true;
  await landmarker.setOptions({ runningMode: "VIDEO" });
  lastSeconds = counted = null;
  people = 1;
  return {};
}

function advance(seconds) {
  const step = lastSeconds === null ? 0 : Math.round((seconds - lastSeconds) * 1000);
  lastSeconds = seconds;
  clock += Math.max(1, step);
  return clock;
}

function countPeople(picture, seconds) {
  counted ??= seconds;
  if (!crowd || seconds - counted < CROWD_SECONDS) return;
  counted = seconds;
  people = crowd.detect(picture).landmarks.length;
}

/** Give what is in a picture, each with its landmarks [{x, y, z}] as MediaPipe has them. */
function see({ picture, seconds }) {
  isFresh = false;
  const { landmarks, handedness } = landmarker.detectForVideo(picture, advance(seconds));
  countPeople(picture, seconds);
  picture.close();
  const found = landmarks.map((points, place) => ({
    points,
    label: handedness?.[place][0].categoryName,
    score: handedness?.[place][0].score,
  }));
  return { found, people };
}

const tasks = { open, reset, see };

self.onmessage = async ({ data: { task, number, ...given } }) => {
  try {
    self.postMessage({ number, answer: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ number, error: String(error?.message ?? error) });
  }
};
