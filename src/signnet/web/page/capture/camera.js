// The camera: opened, and watched in case it is disconnected.
import { cameraProblem, Problem } from "../browser/problem.js";

const WANTED = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30, max: 30 } };

/**
 * Play a camera in a video element.
 *
 * @param {HTMLVideoElement} video
 * @param {string|MediaStream|null} device id of a camera, or a stream that is open already;
 *   null for the camera that faces the user
 * @param {() => void} onLost called when the camera is disconnected
 * @returns {Promise<{stop: () => void, release: () => void, device: string|undefined}>}
 *   `device` is the camera's id; `release` turns the camera off and leaves its last picture
 * @throws {Problem} insecure, refused, noCamera or cameraBusy
 */
export async function openCamera(video, device, onLost) {
  const isOpen = typeof device === "object" && device !== null;
  const stream = isOpen ? device : await askForCamera(device);
  const [track] = stream.getVideoTracks();
  let isStopped = false;
  track.addEventListener("ended", () => isStopped || onLost());
  video.removeAttribute("src");
  video.srcObject = stream;
  await video.play().catch((error) => {
    if (error.name !== "AbortError") throw cameraProblem(error);
  });
  const release = () => {
    isStopped = true;
    for (const one of stream.getTracks()) one.stop();
  };
  const stop = () => {
    release();
    if (video.srcObject === stream) video.srcObject = null;
  };
  return { stop, release, device: track.getSettings().deviceId };
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
    throw cameraProblem(error);
  }
}
