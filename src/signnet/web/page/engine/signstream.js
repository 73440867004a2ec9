// A camera or a film while it is watched: pictures become frames, and frames become events.
import { Problem } from "../browser/problem.js";
import { openCamera } from "../capture/camera.js";
import { openFilm, pictures, playbackRateFor } from "../capture/film.js";
import { ObstacleWatch } from "../capture/obstacles.js";
import { Pump } from "../capture/pump.js";
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
  #turn = null; // with the tracker
  #pump = null;
  #source = null;
  #stream = null;
  #obstacles = new ObstacleWatch();
  #clip = []; // the frames of a short film, which is one sign
  #wake = null; // resumes a short film that was paused
  #opening = 0; // counts what was begun or ended, to know an opening that came too late
  isPaused = false;
  isEnded = false;

  /**
   * @param {{engine: Engine, parts: Object<string, number[]>, take: () => Promise<Object>,
   *   tell: (event: Object) => Object}} model `take` waits for the tracker, see Turns; `tell`
   *   says glosses in place of an event's indices
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
      if (!this.#opening) await this.open();
      yield* this.#queue;
    } finally {
      if (!this.isEnded || !this.#isShown) await this.close();
    }
  }

  async open() {
    Object.assign(this.#video, { muted: true, playsInline: true });
    try {
      await this.#takeTracker();
      const { device, seconds, isShort } = await this.#takeSource();
      await this.#start();
      return this.kind === "camera" ? { device } : { seconds, isShort };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #takeTracker() {
    this.#turn = await this.#wanted(this.#model.take(), (turn) => turn.end());
  }

  async #takeSource(device = this.#given) {
    const opened =
      this.kind === "film"
        ? openFilm(this.#video, this.#given)
        : openCamera(this.#video, device, () => this.#loseCamera());
    this.#source = await this.#wanted(opened, (source) => source.stop());
    return this.#source;
  }

  #loseCamera() {
    this.#fail(new Problem("cameraLost", "the track ended"));
  }

  /** Wait for something, and undo it if nobody waits for it any more. */
  async #wanted(promise, undo) {
    const opening = ++this.#opening;
    const found = await promise;
    if (opening === this.#opening) return found;
    undo(found);
    throw new Problem("superseded");
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
    const isOwn = () => this.#isLongFilm && this.#turn.isLatest();
    const listen = (name, act) =>
      this.#video.addEventListener(name, () => isOwn() && act(), options);
    listen("ended", () => this.#end());
    listen("seeking", () => this.#restartAfterSeek());
    const stop = () => this.pause().then(() => this.#queue.end(), (error) => this.#fail(error)); // prettier-ignore
    if (this.#signal?.aborted) await stop();
    this.#signal?.addEventListener("abort", stop, options);
  }

  get #isShortFilm() {
    return this.kind === "film" && this.#source?.isShort;
  }

  get #isLongFilm() {
    return this.kind === "film" && this.#source?.isShort === false;
  }

  async #begin() {
    const [source, { engine }] = [this.#source, this.#model];
    await engine.reset();
    if (source !== this.#source) throw new Problem("superseded");
    this.#stream = engine.stream(this.#isRecording);
    this.#clip = [];
    const [take, fail] = [(frame) => this.#take(frame), (error) => this.#fail(error)];
    this.#pump = new Pump(this.#video, engine, take, fail);
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
      if (this.#source === source) this.#fail(error);
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
    this.close();
  }

  async #end() {
    await this.#pump?.stop();
    if (!this.#source) return;
    this.isPaused = this.isEnded = true;
    try {
      const { engine, parts } = this.#model;
      const isShort = this.#isShortFilm;
      this.#report(isShort ? await signOf(this.#clip, engine, parts) : await this.#stream.flush());
      this.#turn.end();
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
    this.#opening += 1; // a camera that is coming back need not
    this.#source?.release?.();
    await this.#pump?.stop();
    if (this.#stream) this.#report(await this.#stream.flush());
  }

  async resume() {
    const isReplay = this.isEnded;
    this.isPaused = this.isEnded = false;
    this.#obstacles.reset();
    if (isReplay) {
      this.#queue = new Queue();
      await this.#takeTracker();
      return this.#track();
    }
    if (this.#isShortFilm) return this.#wake?.();
    if (this.kind === "camera") await this.#takeSource(this.#source.device);
    this.restart();
    this.#pump?.start();
    await this.#play();
  }

  async close() {
    this.#opening += 1;
    this.#off.abort();
    const [pump, source] = [this.#pump, this.#source];
    this.#pump = this.#source = null;
    this.#wake?.();
    this.#queue.end();
    await pump?.stop();
    source?.stop();
    this.#turn?.end();
  }
}
