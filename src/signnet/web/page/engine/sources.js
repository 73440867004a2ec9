// What a model can be asked about: a film, or landmarks that were found before. Each becomes
// a clip at a constant frame rate.
import { loadBlob } from "../browser/loader.js";
import { Problem } from "../browser/problem.js";
import { openFilm, pictures } from "../capture/film.js";
import { Pump } from "../capture/pump.js";
import { evenlyTimed, hasHands, stack } from "../recognise/clip.js";

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
  const rate = times ? rateOf(times) : fps;
  const showsHand = hasHands(frames, parts);
  const landmarks = stack(even);
  return { file, frames: frames.length, landmarks, count: even.length, rate, showsHand };
}

/** Usual frames a second of times; undefined for one frame. */
function rateOf(times) {
  const steps = times.slice(1).map((time, index) => time - times[index]);
  steps.sort((one, other) => one - other);
  const middle = steps.length >> 1;
  const step = steps.length % 2 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2;
  return step > 0 ? 1 / step : undefined;
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
  const times = tracked.map(({ seconds }) => seconds);
  const frames = tracked.map(({ joints }) => joints);
  return clipFrom(nameOf(film), frames, { times }, parts);
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
export function framesOf(landmarks) {
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

const areRising = (times, count) =>
  times.length === count && Array.from(times).every((time, n) => n === 0 || time > times[n - 1]);
