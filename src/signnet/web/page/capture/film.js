// A video file: opened from the device, played no faster than it can be tracked.
import { Problem } from "../browser/problem.js";

/** A film up to this long is taken as one sign, as `signnet predict` takes it. */
export const ONE_SIGN_SECONDS = 10;

const STEPS = 25; // a second, in a short film, which is gone through picture by picture
const WANTED_FPS = 15;
const SLOWEST = 0.35; // of the film's own speed

/**
 * Show a file in a video element, at its beginning and not yet playing.
 *
 * @returns {Promise<{stop: () => void, seconds: number, isShort: boolean}>}
 */
export async function openFilm(video, file) {
  video.srcObject = null;
  const url = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      video.onloadeddata = resolve;
      video.onerror = () => reject(new Problem("notVideo", video.error?.message));
      video.onloadedmetadata = () => video.videoWidth || reject(new Problem("soundOnly"));
      video.src = url;
    });
  } catch (error) {
    URL.revokeObjectURL(url);
    video.removeAttribute("src");
    throw error;
  } finally {
    video.onloadeddata = video.onloadedmetadata = video.onerror = null;
  }
  const stop = () => {
    URL.revokeObjectURL(url);
    video.pause();
    video.removeAttribute("src");
    video.load();
  };
  return { stop, seconds: video.duration, isShort: video.duration <= ONE_SIGN_SECONDS };
}

/** Choose a long film's speed so that enough of its frames can be tracked. */
export function paceOf(millisecondsPerFrame) {
  return Math.min(1, Math.max(SLOWEST, 1000 / (millisecondsPerFrame * WANTED_FPS)));
}

/** Show a short film's pictures one by one, however long each is looked at. */
export async function* pictures(video) {
  for (let number = 0; number / STEPS < video.duration; number++) {
    const seeked = new Promise((resolve) =>
      video.addEventListener("seeked", resolve, { once: true }),
    );
    video.currentTime = number / STEPS;
    await seeked;
    yield number / STEPS;
  }
}

/** Write a moment such as 1:02:03. */
export function clock(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const parts = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds) % 60,
  ];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}
