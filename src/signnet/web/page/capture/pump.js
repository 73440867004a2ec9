// Takes pictures from a playing video as fast as they can be tracked, never faster.

const TALLEST = 480; // pixels; a 4K camera is scaled down before tracking
const SMOOTHING = 0.8;
const SLOW = 70; // milliseconds a picture; above, the body is looked for in every other one

export class Pump {
  #video;
  #engine;
  #onFrame;
  #onFault;
  #running = false;
  #busy = false;
  #milliseconds = 100;
  #idle = Promise.resolve();
  #missed = null; // the latest picture that came while one was tracked

  /**
   * @param {HTMLVideoElement} video
   * @param {Object} engine see engine.js
   * @param {(frame: {seconds: number, joints: Float32Array, people: number}) => Promise<void>} onFrame awaited before the next picture;
   *   `seconds` is the video's own time, for a camera the clock's
   * @param {(error: Error) => void} onFault the pump has stopped
   */
  constructor(video, engine, onFrame, onFault) {
    this.#video = video;
    this.#engine = engine;
    this.#onFrame = onFrame;
    this.#onFault = onFault;
  }

  /** How long a picture takes, smoothed. */
  get milliseconds() {
    return this.#milliseconds;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#wait();
  }

  /** Take no further picture; resolved when the last one is through. */
  async stop() {
    this.#running = false;
    await this.#idle;
  }

  /** Track the picture that a film shows now; a fault is thrown. */
  async once() {
    await this.#idle;
    await this.#see(this.#video.currentTime);
  }

  #wait() {
    if (!this.#running) return;
    const next = (now, picture) => {
      this.#wait();
      if (this.#busy) this.#missed = [now, picture];
      else if (this.#running) this.#idle = this.#take(now, picture);
    };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(next);
    else requestAnimationFrame((now) => next(now, { mediaTime: this.#video.currentTime }));
  }

  /** Take a picture, and then at once the latest of those that came meanwhile. */
  async #take(...picture) {
    this.#busy = true;
    for (let next = picture; next && this.#running; next = this.#missed) {
      this.#missed = null;
      await this.#track(...next);
    }
    this.#busy = false;
  }

  async #track(now, { mediaTime, captureTime }) {
    if (!this.#video.videoWidth || this.#video.readyState < 2) return;
    const isLive = this.#video.srcObject !== null;
    const isLean = isLive && this.#milliseconds > SLOW;
    try {
      await this.#see(isLive ? (captureTime ?? now) / 1000 : mediaTime, isLean);
    } catch (error) {
      if (this.#running) this.#onFault(error);
      this.#running = false;
    }
  }

  async #see(seconds, isLean) {
    const started = performance.now();
    const seen = await this.#engine.see(await this.#picture(), seconds, isLean);
    const spent = performance.now() - started;
    this.#milliseconds = SMOOTHING * this.#milliseconds + (1 - SMOOTHING) * spent;
    await this.#onFrame({ seconds, ...seen });
  }

  #picture() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (Math.min(width, height) <= TALLEST) return createImageBitmap(this.#video);
    const scale = TALLEST / Math.min(width, height);
    return createImageBitmap(this.#video, {
      resizeWidth: Math.round(width * scale),
      resizeHeight: Math.round(height * scale),
      resizeQuality: "medium",
    });
  }
}
