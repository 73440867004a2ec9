// A camera or a film while it is watched: pictures become frames, and frames become events.
import { Problem } from "../browser/problem.js";
import { openCamera } from "../capture/camera.js";
import { openFilm, pictures, playbackRateFor } from "../capture/film.js";
import { ObstacleWatch } from "../capture/obstacles.js";
import { Pump } from "../capture/pump.js";
import { Holding } from "./holding.js";
import { Queue } from "./queue.js";
import { signOf } from "./sources.js";

/** What Model.stream gives for a camera or a film; signnet.d.ts describes it. */
export class SignStream {
  #model;
  #given;
  #video;
  #isShown; // whether the video is the page's own
  #onFrame;
  #signal;
  #isRecording;
  #queue = new Queue();
  #off = new AbortController(); // lets go of the video
  #holding;
  #pump = null;
  #stream = null;
  #obstacles = new ObstacleWatch();
  #clip = []; // the frames of a short film, which is one sign
  #wake = null; // resumes a short film that was paused
  isPaused = false;
  isEnded = false;

  /**
   * @param {{engine: Engine, parts: Object<string, number[]>, take: () => Promise<Object>,
   *   open: () => Promise<void>, tell: (event: Object) => Object}} model for `take` and `open`
   *   see Holding; `tell` says glosses in place of an event's indices
   * @param {Blob|MediaStream|string|null} given a film; or a camera, see openCamera
   * @param {Object} options see signnet.d.ts
   */
  constructor(model, given, { video, signal, onFrame = () => {}, recording = false }) {
    this.#model = model;
    this.#given = given;
    this.#isShown = Boolean(video);
    this.#video = video ?? document.createElement("video");
    this.#signal = signal;
    this.#onFrame = onFrame;
    this.#isRecording = recording;
    this.#holding = new Holding(model, (device = given) => this.#openSource(device));
  }

  get kind() {
    return this.#given instanceof Blob ? "film" : "camera";
  }

  get fps() {
    return this.#obstacles.fps;
  }

  async *[Symbol.asyncIterator]() {
    if (this.#signal?.aborted) return;
    try {
      if (!this.#holding.wasAsked) await this.open();
      yield* this.#queue;
    } finally {
      if (!this.isEnded || !this.#isShown) await this.close();
    }
  }

  async open() {
    if (this.#holding.wasAsked) throw new Problem("busy", "this stream was opened before");
    Object.assign(this.#video, { muted: true, playsInline: true });
    try {
      await this.#holding.take();
      const { device, seconds, isShort } = this.#holding.source;
      await this.#start();
      return this.kind === "camera" ? { device } : { seconds, isShort };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #openSource(device) {
    if (this.kind === "film") return openFilm(this.#video, this.#given);
    return openCamera(this.#video, device, (problem) => this.#fail(problem));
  }

  /** Track the source from its beginning. */
  async #track() {
    await this.#begin();
    if (this.#isShortFilm) this.#trackShortFilm();
    else if (this.#isLongFilm) await this.#play();
  }

  async #start() {
    await this.#track();
    const options = { signal: this.#off.signal };
    const isOwn = () => this.#isLongFilm && this.#holding.turn.isLatest();
    const listen = (name, act) =>
      this.#video.addEventListener(name, () => isOwn() && act(), options);
    listen("ended", () => this.#end());
    listen("seeking", () => this.#restartAfterSeek());
    const stop = () => this.pause().then(() => this.#queue.end(), (error) => this.#fail(error)); // prettier-ignore
    if (this.#signal?.aborted) await stop();
    this.#signal?.addEventListener("abort", stop, options);
  }

  get #isShortFilm() {
    return this.kind === "film" && this.#holding.source?.isShort;
  }

  get #isLongFilm() {
    return this.kind === "film" && this.#holding.source?.isShort === false;
  }

  async #begin() {
    const [source, { engine }] = [this.#holding.source, this.#model];
    await engine.reset();
    if (source !== this.#holding.source) throw new Problem("superseded");
    this.#stream = engine.stream(this.#isRecording);
    this.#clip = [];
    const [take, fail] = [(frame) => this.#take(frame), (error) => this.#fail(error)];
    this.#pump = new Pump(this.#video, engine, take, fail);
    if (!this.#isShortFilm) this.#pump.start();
  }

  /** Go through a short film: the same pictures on a slow device and on a fast one. */
  async #trackShortFilm() {
    const source = this.#holding.source;
    try {
      for await (const _ of pictures(this.#video)) {
        if (this.isPaused) await new Promise((resolve) => (this.#wake = resolve));
        if (this.#holding.source !== source) return;
        await this.#pump.trackOnce();
        if (this.#holding.source !== source) return;
      }
      await this.#end();
    } catch (error) {
      if (this.#holding.source === source) this.#fail(error);
    }
  }

  async #play() {
    this.#adjustSpeed();
    await this.#video.play().catch(() => {}); // a pause at the same moment is no fault
  }

  #adjustSpeed() {
    if (this.#isLongFilm) this.#video.playbackRate = playbackRateFor(this.#pump.milliseconds);
  }

  async #take(frame) {
    this.#adjustSpeed();
    this.#show(frame);
    const [isShortFilm, stream] = [this.#isShortFilm, this.#stream];
    if (isShortFilm) this.#clip.push(frame);
    const joints = isShortFilm ? frame.joints.slice() : frame.joints;
    const events = await stream.push(frame.seconds, joints);
    if (stream !== this.#stream) return; // it was begun again meanwhile
    // A short film is one sign, decided at its end.
    const isEarly = ({ kind }) => kind === "start" || kind === "guess";
    this.#report(isShortFilm ? events.filter(isEarly) : events);
  }

  #show(frame) {
    const observed = { ...frame, seconds: performance.now() / 1000 };
    const isCamera = this.kind === "camera";
    const obstacle = this.#obstacles.update({ ...observed, isCamera }, this.#model.parts);
    this.#onFrame({ seconds: frame.seconds, landmarks: frame.joints, obstacle });
  }

  #report(events) {
    this.#queue.push(events.map((event) => this.#model.tell(event)));
  }

  /** Report what has stopped the stream. */
  #fail(error) {
    this.#queue.end(error);
    this.#holding.fail(error);
    this.close();
  }

  async #end() {
    await this.#pump?.stop();
    if (!this.#holding.source) return;
    this.isPaused = this.isEnded = true;
    try {
      const { engine, parts } = this.#model;
      const isShort = this.#isShortFilm;
      this.#report(isShort ? await signOf(this.#clip, engine, parts) : await this.#stream.flush());
      this.#holding.turn.end();
      this.#queue.end();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #restartAfterSeek() {
    this.#clip = [];
    this.#stream?.reset();
    await this.#model.engine.reset();
    this.#pump?.start();
  }

  record(isRecording) {
    this.#isRecording = isRecording;
    this.restart();
  }

  restart() {
    if (this.#stream) this.#stream = this.#model.engine.stream(this.#isRecording);
  }

  async pause() {
    this.isPaused = true;
    if (this.#isShortFilm) return;
    this.#video.pause();
    this.#holding.pause();
    await this.#pump?.stop();
    if (this.#stream) this.#report(await this.#stream.flush());
  }

  async resume() {
    if (!this.isPaused || !this.#holding.source) return; // it runs, or is closed
    const isReplay = this.isEnded;
    this.isPaused = this.isEnded = false;
    this.#obstacles.reset();
    if (isReplay) {
      this.#queue = new Queue();
      await this.#holding.takeTurn();
      return this.#track();
    }
    if (this.#isShortFilm) return this.#wake?.();
    if (this.kind === "camera") await this.#holding.takeCamera();
    this.restart();
    this.#pump?.start();
    await this.#play();
  }

  async close() {
    const pump = this.#pump;
    this.#off.abort();
    this.#pump = null;
    const givenBack = this.#holding.giveBack(pump?.stop());
    this.#wake?.();
    this.#queue.end();
    await givenBack;
  }
}
