// Films of single signs, for signers who agreed to it: the camera's stream, kept as it comes.

const KINDS = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];
const BITS = 2_500_000; // a second: hands stay sharp, and an hour of signs fits a phone

export class FilmRecorder {
  #recorder = null;
  #pieces = [];

  /** Whether this browser can make films. */
  static get isPossible() {
    return typeof globalThis.MediaRecorder === "function";
  }

  /** Begin a film of a video element's camera; an earlier film that was not taken is lost. */
  start(video) {
    this.drop();
    if (!FilmRecorder.isPossible || !video.srcObject?.active) return; // the camera went away
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.#recorder = new MediaRecorder(video.srcObject, { mimeType, videoBitsPerSecond: BITS });
    this.#pieces = [];
    const pieces = this.#pieces;
    this.#recorder.ondataavailable = ({ data }) => pieces.push(data);
    this.#recorder.start();
  }

  /** End the film and give it; null if none was begun. */
  async take() {
    const [recorder, pieces] = [this.#recorder, this.#pieces];
    this.#recorder = null;
    if (!recorder || recorder.state === "inactive") return null;
    const ended = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.stop();
    await ended;
    return new Blob(pieces, { type: recorder.mimeType });
  }

  /** End the film without keeping it. */
  drop() {
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#recorder = null;
  }
}

/** Give the suffix of a film's file. */
export const suffixOf = ({ type }) => (type.startsWith("video/mp4") ? "mp4" : "webm");
