// Takes pictures from a playing video as fast as they can be tracked, never faster.

const TALLEST = 480; // pixels; larger pictures are scaled down before tracking
const SMOOTHING = 0.8;
const SLOW = 70; // milliseconds a picture; above, the pose is found in every fourth one

export class Pump {
  #video;
  #engine;
  #onFrame;
  #onFault;
  #isRunning = false;
  #isBusy = false;
  #milliseconds = 100;
  #tracking = Promise.resolve();
  #missed = null; // the latest picture that came while one was tracked

  /**
   * @param {HTMLVideoElement} video
   * @param {Object} engine tracks the pictures; see engine.js
   * @param {(frame: {seconds: number, joints: Float32Array, people: number}) => Promise<void>}
   *   onFrame awaited before the next picture; `seconds` is a film's own time, for a camera
   *   the clock's
   * @param {(error: Error) => void} onFault called when a fault has stopped the pump
   */
  constructor(video, engine, onFrame, onFault) {
    this.#video = video;
    this.#engine = engine;
    this.#onFrame = onFrame;
    this.#onFault = onFault;
  }

  /** How long tracking a picture takes, smoothed. */
  get milliseconds() {
    return this.#milliseconds;
  }

  start() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#wait();
  }

  /** Take no more pictures; resolves when the last one is tracked. */
  async stop() {
    this.#isRunning = false;
    await this.#tracking;
  }

  /** Track the picture that a film shows now; a fault is thrown. */
  async trackOnce() {
    await this.#tracking;
    await this.#track(this.#video.currentTime);
  }

  #wait() {
    if (!this.#isRunning) return;
    const next = (now, metadata) => {
      this.#wait();
      if (this.#isBusy) this.#missed = [now, metadata];
      else if (this.#isRunning) this.#tracking = this.#take(now, metadata);
    };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(next);
    else requestAnimationFrame((now) => next(now, { mediaTime: this.#video.currentTime }));
  }

  /** Track a picture, and then at once the latest of those that came meanwhile. */
  async #take(...picture) {
    this.#isBusy = true;
    for (let next = picture; next && this.#isRunning; next = this.#missed) {
      this.#missed = null;
      await this.#trackPlaying(...next);
    }
    this.#isBusy = false;
  }

  async #trackPlaying(now, { mediaTime, captureTime }) {
    if (!this.#video.videoWidth || this.#video.readyState < 2) return;
    const isCamera = this.#video.srcObject !== null;
    const mayReusePose = isCamera && this.#milliseconds > SLOW;
    try {
      await this.#track(isCamera ? (captureTime ?? now) / 1000 : mediaTime, mayReusePose);
    } catch (error) {
      if (this.#isRunning) this.#onFault(error);
      this.#isRunning = false;
    }
  }

  async #track(seconds, mayReusePose) {
    const started = performance.now();
    const tracked = await this.#engine.track(await this.#picture(), seconds, mayReusePose);
    const spent = performance.now() - started;
    this.#milliseconds = SMOOTHING * this.#milliseconds + (1 - SMOOTHING) * spent;
    await this.#onFrame({ seconds, ...tracked });
  }

  /** Take the picture that is shown, and say in which size to track it. */
  async #picture() {
    const video = this.#video;
    const sides = [video.videoWidth, video.videoHeight];
    const scale = Math.min(1, TALLEST / Math.min(...sides));
    const [width, height] = sides.map((side) => Math.round(side * scale));
    const picture = globalThis.VideoFrame
      ? new VideoFrame(video) // its pixels are copied in the workers, not here
      : await createImageBitmap(video);
    return { picture, width, height };
  }
}
