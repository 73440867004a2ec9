// A video file: opened from the device, played no faster than it can be tracked.
import { Problem } from "../browser/problem.js";

const ONE_SIGN_SECONDS = 10; // a film up to this long is one sign, as for `signnet predict`
const SHORT_FILM_FPS = 25; // a short film is tracked picture by picture at this rate
const WANTED_FPS = 15; // tracked frames a second of a long film
const SLOWEST_RATE = 0.35; // of the film's own speed

/**
 * Show a file in a video element, at its beginning and not yet playing.
 *
 * @param {HTMLVideoElement} video
 * @param {File} file
 * @returns {Promise<{stop: () => void, seconds: number, isShort: boolean}>} `isShort` says
 *   whether the film is taken as one sign
 * @throws {Problem} notVideo or soundOnly
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
    if (video.duration === Infinity) await findEnd(video);
  } catch (error) {
    URL.revokeObjectURL(url);
    video.removeAttribute("src");
    throw error;
  } finally {
    video.onloadeddata = video.onloadedmetadata = video.onerror = null;
  }
  const stop = () => {
    URL.revokeObjectURL(url);
    if (video.src !== url) return; // something else plays by now
    video.pause();
    video.removeAttribute("src");
    video.load();
  };
  return { stop, seconds: video.duration, isShort: video.duration <= ONE_SIGN_SECONDS };
}

/** Let a film find out how long it is, as those that a browser has recorded do not say. */
async function findEnd(video) {
  for (const place of [Number.MAX_SAFE_INTEGER, 0]) {
    const arrived = new Promise((resolve) => (video.onseeked = resolve));
    video.currentTime = place;
    await arrived;
  }
  video.onseeked = null;
}

/** Choose a long film's playback rate (1 is its own) so that enough frames are tracked. */
export function playbackRateFor(millisecondsPerFrame) {
  return Math.min(1, Math.max(SLOWEST_RATE, 1000 / (millisecondsPerFrame * WANTED_FPS)));
}

/** Show a short film's pictures one by one; yields seconds, and waits for the consumer. */
export async function* pictures(video) {
  for (let number = 0; number / SHORT_FILM_FPS < video.duration; number++) {
    const seconds = number / SHORT_FILM_FPS;
    const seeked = new Promise((resolve) =>
      video.addEventListener("seeked", resolve, { once: true }),
    );
    video.currentTime = seconds;
    await seeked;
    yield seconds;
  }
}
