// Finds pose and hands in pictures, off the main thread.
//
// A classic worker: MediaPipe's loader calls importScripts, which module workers lack.
// Joints go out in the order of skeleton.py, x and y in picture heights (x and z are
// multiplied by width / height), NaN where a joint was not seen.
"use strict";

// MediaPipe reports its start-up as errors and warnings; they are for who debugs it.
console.log = console.info = console.warn = console.error = console.debug;

const POSE = 33;
const HAND = 21;
const JOINTS = 553;
const LEFT_HAND = POSE * 3;
const RIGHT_HAND = (POSE + HAND) * 3;
const CROWD_SECONDS = 3; // looking for a second person costs a whole pose detection

let pose, hands, openCrowd, assignHands;
let crowd = null; // opened when first needed
let isFresh = true;
let clock = 0; // milliseconds; MediaPipe wants them to rise, whatever the source does
let lastSeconds = null;
let people = 1;
let counted = null;

async function open({ base, wasm, poseModel, handModel }) {
  const [vision, sides] = await Promise.all([
    import(`${base}vendor/vision_bundle.mjs`),
    import(`${base}hands.js`),
  ]);
  assignHands = sides.assignHands;
  const files = { wasmLoaderPath: `${base}vendor/vision_wasm_internal.js`, wasmBinaryPath: wasm };
  const settings = (model, more) => ({
    baseOptions: { modelAssetBuffer: new Uint8Array(model), delegate: "CPU" },
    runningMode: "VIDEO",
    ...more,
  });
  pose = await vision.PoseLandmarker.createFromOptions(files, settings(poseModel));
  hands = await vision.HandLandmarker.createFromOptions(files, settings(handModel, { numHands: 2 }));
  const several = settings(poseModel, { numPoses: 2, runningMode: "IMAGE" });
  openCrowd = () => vision.PoseLandmarker.createFromOptions(files, several);
  return {};
}

/** Forget the frames before: another camera, another film, another place in it. */
async function reset() {
  if (isFresh) return {};
  isFresh = true;
  await pose.setOptions({ runningMode: "VIDEO" });
  await hands.setOptions({ runningMode: "VIDEO" });
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

function points(landmarks, aspect) {
  const out = new Float32Array(landmarks.length * 3);
  landmarks.forEach(({ x, y, z }, joint) => out.set([x * aspect, y, z * aspect], joint * 3));
  return out;
}

function handsOf(found, aspect) {
  return found.landmarks.map((landmarks, hand) => ({
    landmarks: points(landmarks, aspect),
    score: found.handedness[hand][0].score,
    label: found.handedness[hand][0].categoryName,
  }));
}

async function countPeople(picture, seconds) {
  counted ??= seconds;
  if (seconds - counted < CROWD_SECONDS) return;
  counted = seconds;
  crowd ??= await openCrowd();
  people = crowd.detect(picture).landmarks.length;
}

async function see({ picture, seconds }) {
  isFresh = false;
  const started = performance.now();
  const aspect = picture.width / picture.height;
  const time = advance(seconds);
  const body = pose.detectForVideo(picture, time).landmarks[0];
  const found = handsOf(hands.detectForVideo(picture, time), aspect);
  await countPeople(picture, seconds);
  picture.close();
  const joints = new Float32Array(JOINTS * 3).fill(NaN);
  const posed = body ? points(body, aspect) : null;
  if (posed) joints.set(posed, 0);
  const { left, right } = assignHands(posed, found);
  if (left) joints.set(left, LEFT_HAND);
  if (right) joints.set(right, RIGHT_HAND);
  return { joints, people: posed ? people : 0, milliseconds: performance.now() - started };
}

const tasks = { open, reset, see };

self.onmessage = async ({ data: { task, number, ...given } }) => {
  try {
    const answer = await tasks[task](given);
    self.postMessage({ number, answer }, answer.joints ? [answer.joints.buffer] : []);
  } catch (error) {
    self.postMessage({ number, error: String(error?.message ?? error) });
  }
};
