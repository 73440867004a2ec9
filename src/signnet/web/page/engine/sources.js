// What a model can be asked about: a film, or landmarks that were found before. Each becomes
// a clip at a constant frame rate.
import { loadBlob } from "../browser/loader.js";
import { Problem } from "../browser/problem.js";
import { openFilm, pictures } from "../capture/film.js";
import { Pump } from "../capture/pump.js";
import { signingHand } from "../recognise/hand.js";
import { bestOf } from "../recognise/stream.js";
import { evenlyTimed, hasHands, medianStep, stack } from "../recognise/clip.js";

const JOINTS = 553;
const VALUES = JOINTS * 3; // numbers in a frame

/** Tell whether something is a film: a video element, a file, or the address of one. */
export const isFilm = (source) =>
  typeof source === "string" ||
  source instanceof URL ||
  source instanceof Blob ||
  source instanceof HTMLVideoElement;

/**
 * Make a clip of frames.
 *
 * @param {string} file its name
 * @param {Float32Array[]} frames [553, 3] each, in picture heights, NaN where unseen
 * @param {{times?: number[], fps?: number}} pace `times` in seconds, rising
 * @param {Object<string, number[]>} parts see Engine
 * @returns {{file: string, frames: number, landmarks: Float32Array, count: number,
 *   rate: number|undefined, showsHand: boolean}} `frames` as they came; `landmarks`
 *   [count, 553, 3] at `rate` frames a second, undefined if nobody said
 */
function clipFrom(file, frames, { times, fps }, parts) {
  const chosen = times ? evenlyTimed(times) : [...frames.keys()];
  const even = chosen.map((index) => frames[index]);
  const step = times ? medianStep(times) : 1 / fps;
  const rate = step > 0 ? 1 / step : undefined;
  const showsHand = hasHands(frames, parts);
  const landmarks = stack(even);
  return { file, frames: frames.length, landmarks, count: even.length, rate, showsHand };
}

/** Make a clip of the frames {seconds, joints} that a tracker gave, see `clipFrom`. */
function clipOfTracked(file, tracked, parts) {
  const times = tracked.map(({ seconds }) => seconds);
  const frames = tracked.map(({ joints }) => joints);
  return clipFrom(file, frames, { times }, parts);
}

/**
 * Find the joints in all pictures of a film, and make them a clip.
 *
 * @param {HTMLVideoElement|Blob|string|URL} film its content or its address
 * @param {Engine} engine
 * @param {Object<string, number[]>} parts see Engine
 * @throws {Problem} notVideo, soundOnly, network, missing or trackerFailed
 */
export async function clipOfFilm(film, engine, parts) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  const source = await openFilm(video, await blobOf(film));
  const tracked = [];
  const pump = new Pump(video, engine, async (frame) => tracked.push(frame));
  try {
    await engine.reset();
    for await (const _ of pictures(video)) await pump.trackOnce();
  } finally {
    source.stop();
  }
  return clipOfTracked(nameOf(film), tracked, parts);
}

async function blobOf(film) {
  if (film instanceof Blob) return film;
  return loadBlob(film instanceof HTMLVideoElement ? film.currentSrc : film);
}

function nameOf(film) {
  if (film instanceof Blob) return film.name ?? "film";
  return String(film instanceof HTMLVideoElement ? film.currentSrc : film);
}

/**
 * Recognise all of a film as one sign, as `signnet predict` does.
 *
 * @param {{seconds: number, joints: Float32Array}[]} tracked its frames
 * @returns {Promise<Object[]>} the event, see StreamingRecogniser; none if no hand was seen
 */
export async function signOf(tracked, engine, parts) {
  const { landmarks, count, rate, showsHand } = clipOfTracked("film", tracked, parts);
  if (!showsHand) return [];
  const hand = signingHand(landmarks, engine.settings, rate);
  const predictions = bestOf(await engine.classify(landmarks, count, rate));
  const { index, probability = -1 } = predictions[0] ?? {}; // a base may know no gloss
  const kind = probability < engine.abstainBelow ? "unsure" : "sign";
  const [start, end] = [tracked[0].seconds, tracked.at(-1).seconds];
  return [{ kind, time: end, start, end, hand, index, probability, predictions }];
}

/**
 * Make a clip of landmarks.
 *
 * @param {Object} given numbers [frames, 553, 3] in picture heights, flat or nested, with NaN
 *   or null for joints that were not seen; or {landmarks, fps?, times?, name?} of such
 * @param {Object<string, number[]>} parts see Engine
 * @throws {Problem} badLandmarks
 */
export function clipOfLandmarks(given, parts) {
  const {
    landmarks,
    fps,
    times,
    name = "landmarks",
  } = given?.landmarks ? given : { landmarks: given };
  const frames = framesOf(landmarks);
  if (fps !== undefined && !(fps > 0 && fps < Infinity))
    throw new Problem("badLandmarks", `fps is ${fps}; it should be a number above 0`);
  if (times && !areRising(times, frames.length))
    throw new Problem("badLandmarks", `times should be ${frames.length} rising seconds`);
  return clipFrom(name, frames, { times: times && Array.from(times), fps }, parts);
}

/** Cut landmarks into frames, which are copies. */
function framesOf(landmarks) {
  const isList = Array.isArray(landmarks) || ArrayBuffer.isView(landmarks);
  const flat = Array.isArray(landmarks) ? landmarks.flat(Infinity) : landmarks;
  if (!isList || !flat.length || flat.length % VALUES)
    throw new Problem(
      "badLandmarks",
      `expected landmarks [frames, ${JOINTS}, 3], found ${isList ? `${flat.length} numbers` : typeof landmarks}`,
    );
  const values = Float32Array.from(flat, (value) => value ?? NaN);
  if (values.some((value) => Math.abs(value) === Infinity))
    throw new Problem("badLandmarks", "infinite landmarks; unseen ones should be NaN");
  return Array.from({ length: values.length / VALUES }, (_, frame) =>
    values.subarray(frame * VALUES, (frame + 1) * VALUES),
  );
}

/** Give the joints of one frame {seconds, landmarks}. */
export function jointsOf({ seconds, landmarks }) {
  const [joints, more] = framesOf(landmarks);
  if (more || !Number.isFinite(seconds))
    throw new Problem("badLandmarks", "expected frames {seconds, landmarks [553, 3]}");
  return joints;
}

const areRising = (times, count) =>
  times.length === count && Array.from(times).every((time, n) => n === 0 || time > times[n - 1]);
