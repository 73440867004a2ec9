// Takes pictures from a playing video as fast as they can be tracked, never faster.

const TALLEST = 480; // pixels; a 4K camera is scaled down before tracking
const SMOOTHING = 0.8;

export class Pump {
  #video;
  #engine;
  #onFrame;
  #onFault;
  #running = false;
  #busy = false;
  #milliseconds = 100;
  #idle = Promise.resolve();

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
      if (!this.#busy && this.#running) this.#idle = this.#take(now, picture);
    };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(next);
    else requestAnimationFrame((now) => next(now, { mediaTime: this.#video.currentTime }));
  }

  async #take(now, { mediaTime, captureTime }) {
    if (!this.#video.videoWidth || this.#video.readyState < 2) return;
    this.#busy = true;
    const isLive = this.#video.srcObject !== null;
    try {
      await this.#see(isLive ? (captureTime ?? now) / 1000 : mediaTime);
    } catch (error) {
      if (this.#running) this.#onFault(error);
      this.#running = false;
    } finally {
      this.#busy = false;
    }
  }

  async #see(seconds) {
    const started = performance.now();
    const seen = await this.#engine.see(await this.#picture(), seconds);
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
