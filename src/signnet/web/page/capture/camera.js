// The camera: opened, and watched in case it is disconnected or gives no picture any more.
import { cameraProblem, Problem } from "../browser/problem.js";

const WANTED = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30, max: 30 } };
const PATIENCE = 5000; // milliseconds without a picture, as while another program has the camera

/**
 * Play a camera in a video element.
 *
 * @param {HTMLVideoElement} video
 * @param {string|MediaStream|null} device id of a camera, or a stream that is open already;
 *   null, or the id of a camera that is gone, for the camera that faces the user
 * @param {(problem: Problem) => void} onLost called with cameraLost or cameraBusy when no more
 *   pictures come
 * @returns {Promise<{stop: () => void, release: () => void, device: string|undefined}>}
 *   `device` is the camera's id; `release` turns the camera off and leaves its last picture
 * @throws {Problem} insecure, refused, noCamera or cameraBusy
 */
export async function openCamera(video, device, onLost) {
  const isOpen = typeof device === "object" && device !== null;
  const stream = isOpen ? device : await askForCamera(device);
  const [track] = stream.getVideoTracks();
  const off = watch(track, onLost);
  video.removeAttribute("src");
  video.srcObject = stream;
  await video.play().catch((error) => {
    if (error.name !== "AbortError") throw cameraProblem(error);
  });
  const release = () => {
    off();
    for (const one of stream.getTracks()) one.stop();
  };
  const stop = () => {
    release();
    if (video.srcObject === stream) video.srcObject = null;
  };
  return { stop, release, device: track.getSettings().deviceId };
}

/** Call a function when a track ends or is silent for long; gives what ends the watch. */
function watch(track, onLost) {
  const ended = new AbortController();
  let timer = 0;
  const off = () => {
    ended.abort();
    clearTimeout(timer);
  };
  const lose = (code, detail) => {
    off();
    onLost(new Problem(code, detail));
  };
  const stall = () => {
    timer = setTimeout(() => lose("cameraBusy", "the track is muted"), PATIENCE);
  };
  const listen = (name, act) => track.addEventListener(name, act, { signal: ended.signal });
  listen("ended", () => lose("cameraLost", "the track ended"));
  listen("mute", stall);
  listen("unmute", () => clearTimeout(timer));
  return off;
}

async function askForCamera(device) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Problem("insecure");
  const choice = device ? { deviceId: { exact: device } } : { facingMode: "user" };
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { ...WANTED, ...choice },
      audio: false,
    });
  } catch (error) {
    if (device && error.name === "OverconstrainedError") return askForCamera(null);
    throw cameraProblem(error);
  }
}
