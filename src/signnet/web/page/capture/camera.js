// The camera: opened, chosen among several, and watched for being taken away.
import { cameraProblem, Problem } from "../browser/problem.js";

const WANTED = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30, max: 30 } };

/**
 * Let a camera play in a video element.
 *
 * @param {HTMLVideoElement} video
 * @param {string|null} device the id of a camera; null for the one that looks at the user
 * @param {() => void} onLost called when the camera goes away
 * @returns {Promise<{stop: () => void, device: string|undefined}>}
 */
export async function openCamera(video, device, onLost) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Problem("insecure");
  const choice = device ? { deviceId: { exact: device } } : { facingMode: "user" };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { ...WANTED, ...choice },
      audio: false,
    });
  } catch (error) {
    throw cameraProblem(error);
  }
  const [track] = stream.getVideoTracks();
  let stopped = false;
  track.addEventListener("ended", () => stopped || onLost());
  video.removeAttribute("src");
  video.srcObject = stream;
  await video.play().catch((error) => {
    if (error.name !== "AbortError") throw cameraProblem(error);
  });
  const stop = () => {
    stopped = true;
    for (const one of stream.getTracks()) one.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  return { stop, device: track.getSettings().deviceId };
}

/** List the cameras; their names are known once the camera was allowed. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind }) => kind === "videoinput");
}

export const onCameras = (listener) =>
  navigator.mediaDevices?.addEventListener?.("devicechange", listener);
