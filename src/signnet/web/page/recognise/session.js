// One run of a camera or a film: its pictures become frames, and frames become events.
import { Problem } from "../browser/problem.js";
import { openCamera } from "../capture/camera.js";
import { openFilm, pictures, playbackRateFor } from "../capture/film.js";
import { Pump } from "../capture/pump.js";
import { evenlyTimed, hasHands, stack } from "./clip.js";
import { signingHand } from "./hand.js";
import { bestOf } from "./stream.js";

export class Session {
  #video;
  #engine;
  #parts;
  #callbacks;
  #pump = null;
  #source = null;
  #stream = null;
  #clip = []; // the frames of a short film, which is one sign
  #signCount = 0;
  #wake = null; // resumes a short film that was paused
  #opening = 0; // counts what was begun or ended, to know an opening that came too late
  kind = null; // "camera" or "film"
  isPaused = false;
  isEnded = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {Object} engine see engine.js
   * @param {Object<string, number[]>} parts first joint and end of each, from skeleton.json
   * @param {{onFrame: (frame: Object) => void,
   *   onEvents: (events: Object[], isFilm: boolean) => void,
   *   onEnd: (hasSign: boolean) => void,
   *   onFault: (error: Error) => void}} callbacks
   */
  constructor(video, engine, parts, callbacks) {
    this.#video = video;
    this.#engine = engine;
    this.#parts = parts;
    this.#callbacks = callbacks;
    video.addEventListener("ended", () => this.#isLongFilm && this.#end());
    video.addEventListener("seeking", () => this.#isLongFilm && this.#restartAfterSeek());
  }

  /**
   * Start a camera by its id, or the one that faces the user; gives the id.
   *
   * @throws {Problem} "superseded" if the session was closed, or began anew, meanwhile
   */
  async startCamera(device) {
    await this.close();
    const source = await this.#open(() => this.#openCamera(device));
    this.kind = "camera";
    await this.#begin();
    return source.device;
  }

  /** Start a film from a file; gives {seconds, isShort}, and throws as `startCamera` does. */
  async startFilm(file) {
    await this.close();
    const source = await this.#open(() => openFilm(this.#video, file));
    this.kind = "film";
    await this.#begin();
    if (this.#isShortFilm) this.#trackShortFilm();
    else await this.#play();
    return source;
  }

  #openCamera(device) {
    return openCamera(this.#video, device, () => this.#cameraLost());
  }

  /** Open a source, and close it at once if nobody waits for it any more. */
  async #open(openSource) {
    const opening = ++this.#opening;
    const source = await openSource();
    if (opening !== this.#opening) {
      source.stop();
      throw new Problem("superseded");
    }
    this.#source = source;
    return source;
  }

  get #isShortFilm() {
    return this.kind === "film" && this.#source?.isShort;
  }

  get #isLongFilm() {
    return this.kind === "film" && !this.#source?.isShort;
  }

  async #begin() {
    const source = this.#source;
    await this.#engine.reset();
    if (source !== this.#source) throw new Problem("superseded");
    this.#stream = this.#engine.stream();
    this.#clip = [];
    this.#signCount = 0;
    this.isPaused = this.isEnded = false;
    this.#pump = new Pump(
      this.#video,
      this.#engine,
      (frame) => this.#onFrame(frame),
      (error) => this.#callbacks.onFault(error),
    );
    if (!this.#isShortFilm) this.#pump.start();
  }

  /** Go through a short film: the same pictures on a slow device and on a fast one. */
  async #trackShortFilm() {
    const source = this.#source;
    try {
      for await (const _ of pictures(this.#video)) {
        if (this.isPaused) await new Promise((resolve) => (this.#wake = resolve));
        if (this.#source !== source) return;
        await this.#pump.trackOnce();
        if (this.#source !== source) return;
      }
      await this.#end();
    } catch (error) {
      if (this.#source === source) this.#callbacks.onFault(error);
    }
  }

  async #play() {
    this.#adjustSpeed();
    await this.#video.play().catch(() => {}); // a pause at the same moment is no fault
  }

  #adjustSpeed() {
    if (this.#isLongFilm) this.#video.playbackRate = playbackRateFor(this.#pump.milliseconds);
  }

  async #onFrame(frame) {
    this.#adjustSpeed();
    this.#callbacks.onFrame(frame);
    const isShortFilm = this.#isShortFilm;
    if (isShortFilm) this.#clip.push(frame);
    const joints = isShortFilm ? frame.joints.slice() : frame.joints;
    const events = await this.#stream.push(frame.seconds, joints);
    // A short film is one sign, decided at its end.
    const isEarly = ({ kind }) => kind === "start" || kind === "guess";
    this.#report(isShortFilm ? events.filter(isEarly) : events);
  }

  #report(events) {
    this.#signCount += events.filter(({ kind }) => kind === "sign").length;
    if (events.length) this.#callbacks.onEvents(events, this.kind === "film");
  }

  async #end() {
    await this.#pump?.stop();
    if (!this.#source) return;
    this.isPaused = this.isEnded = true;
    try {
      const isShortFilm = this.#isShortFilm;
      this.#report(isShortFilm ? await this.#recogniseClip() : await this.#stream.flush());
      this.#callbacks.onEnd(this.#signCount > 0);
    } catch (error) {
      this.#callbacks.onFault(error);
    }
  }

  /** Recognise a short film as `signnet predict` does: all of it, as one sign. */
  async #recogniseClip() {
    const frames = this.#clip.map(({ joints }) => joints);
    if (!hasHands(frames, this.#parts)) return [];
    const times = this.#clip.map(({ seconds }) => seconds);
    const even = evenlyTimed(times).map((index) => frames[index]);
    const hand = signingHand(stack(even), this.#engine.settings);
    const predictions = bestOf(await this.#engine.classify(stack(even), even.length));
    const { index, probability = -1 } = predictions[0] ?? {}; // a base may know no gloss
    const kind = probability < this.#engine.abstainBelow ? "unsure" : "sign";
    const [start, end] = [times[0], times.at(-1)];
    return [{ kind, time: end, start, end, hand, index, probability, predictions }];
  }

  async #restartAfterSeek() {
    this.#clip = [];
    this.#stream?.reset();
    await this.#engine.reset();
    this.#pump?.start();
  }

  #cameraLost() {
    this.close();
    this.#callbacks.onFault(new Problem("cameraLost", "the track ended"));
  }

  /** Begin the stream again: a sign that has begun is dropped. */
  restartStream() {
    if (this.#stream) this.#stream = this.#engine.stream();
  }

  /** Pause, which turns a camera off, or continue; after a film's end, play it again. */
  async pause(isPaused) {
    const isReplay = this.isEnded && !isPaused;
    this.isPaused = isPaused;
    this.isEnded = false;
    if (this.#isShortFilm) {
      if (isReplay) await this.#replayShortFilm();
      else if (!isPaused) this.#wake?.();
    } else if (isPaused) {
      this.#video.pause();
      this.#opening += 1; // a camera that is coming back need not
      this.#source?.release?.();
      await this.#pump?.stop();
      if (this.#stream) this.#report(await this.#stream.flush());
    } else await this.#resume();
  }

  async #resume() {
    const { device } = this.#source;
    if (this.kind === "camera") await this.#open(() => this.#openCamera(device));
    this.restartStream();
    this.#pump?.start();
    await this.#play();
  }

  async #replayShortFilm() {
    await this.#begin();
    this.#trackShortFilm();
  }

  async close() {
    this.#opening += 1;
    const [pump, source] = [this.#pump, this.#source];
    this.#pump = this.#source = this.kind = null;
    this.#wake?.();
    await pump?.stop();
    source?.stop();
  }
}
