// One look at a camera or a film: what is seen becomes events for whoever listens.
//
// listen.frame(frame), listen.events(events, isFilm), listen.end(hasWord), listen.fault(error)
import { openCamera } from "../capture/camera.js";
import { evenly, gather, hasHands } from "./clip.js";
import { openFilm, paceOf, pictures } from "../capture/film.js";
import { Pump } from "../capture/pump.js";

export class Session {
  #video;
  #engine;
  #knowledge;
  #listen;
  #pump = null;
  #source = null;
  #stream = null;
  #kept = []; // frames of a short film, and when they were
  #words = 0;
  #wake = null; // goes on with a short film that was paused
  kind = null;
  paused = false;
  ended = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {Object} engine
   * @param {{skeleton: {parts: Object}}} knowledge
   * @param {Object} listen
   */
  constructor(video, engine, knowledge, listen) {
    this.#video = video;
    this.#engine = engine;
    this.#knowledge = knowledge;
    this.#listen = listen;
    video.addEventListener("ended", () => this.kind === "film" && !this.#isOneSign && this.#end());
    video.addEventListener(
      "seeking",
      () => this.kind === "film" && !this.#isOneSign && this.#seek(),
    );
  }

  async camera(device) {
    await this.close();
    this.#source = await openCamera(this.#video, device, () => this.#lost());
    this.kind = "camera";
    await this.#begin();
    return this.#source.device;
  }

  async film(file) {
    await this.close();
    this.#source = await openFilm(this.#video, file);
    this.kind = "film";
    await this.#begin();
    if (this.#isOneSign) this.#step();
    else await this.#play();
    return this.#source;
  }

  get #isOneSign() {
    return this.kind === "film" && this.#source?.isShort;
  }

  async #begin() {
    await this.#engine.reset();
    this.#stream = this.#engine.stream();
    this.#kept = [];
    this.#words = 0;
    this.paused = this.ended = false;
    this.#pump = new Pump(
      this.#video,
      this.#engine,
      (frame) => this.#frame(frame),
      (error) => this.#listen.fault(error),
    );
    if (!this.#isOneSign) this.#pump.start();
  }

  /** Go through a short film; the same pictures on a slow machine and on a fast one. */
  async #step() {
    const source = this.#source;
    try {
      for await (const _ of pictures(this.#video)) {
        if (this.paused) await new Promise((resolve) => (this.#wake = resolve));
        if (this.#source !== source) return;
        await this.#pump.once();
        if (this.#source !== source) return;
      }
      await this.#end();
    } catch (error) {
      if (this.#source === source) this.#listen.fault(error);
    }
  }

  async #play() {
    this.#pace();
    await this.#video.play().catch(() => {}); // a pause at the same moment is no fault
  }

  #pace() {
    if (this.kind === "film" && !this.#isOneSign)
      this.#video.playbackRate = paceOf(this.#pump.milliseconds);
  }

  async #frame(frame) {
    this.#pace();
    this.#listen.frame(frame);
    const isOne = this.#isOneSign;
    if (isOne) this.#kept.push(frame);
    const events = await this.#stream.push(
      frame.seconds,
      isOne ? frame.joints.slice() : frame.joints,
    );
    // A short film is one sign, decided at its end.
    this.#tell(isOne ? events.filter(({ kind }) => kind === "start" || kind === "guess") : events);
  }

  #tell(events) {
    this.#words += events.filter(({ kind }) => kind === "sign").length;
    if (events.length) this.#listen.events(events, this.kind === "film");
  }

  async #end() {
    await this.#pump?.stop();
    if (!this.#source) return;
    this.paused = this.ended = true;
    try {
      this.#tell(this.#isOneSign ? await this.#whole() : await this.#stream.flush());
      this.#listen.end(this.#words > 0);
    } catch (error) {
      this.#listen.fault(error);
    }
  }

  /** Recognise a short film as `signnet predict` would: all of it, as one sign. */
  async #whole() {
    const frames = this.#kept.map(({ joints }) => joints);
    if (!hasHands(frames, this.#knowledge.skeleton.parts)) return [];
    const times = this.#kept.map(({ seconds }) => seconds);
    const places = evenly(times);
    const chances = await this.#engine.classify(
      gather(places.map((place) => frames[place])),
      places.length,
    );
    const predictions = best(chances);
    const { index, probability } = predictions[0];
    const kind = probability < this.#engine.abstainBelow ? "unsure" : "sign";
    const [start, end] = [times[0], times.at(-1)];
    return [{ kind, time: end, start, end, index, probability, predictions }];
  }

  async #seek() {
    this.#kept = [];
    this.#stream?.reset();
    await this.#engine.reset();
    this.#pump?.start();
  }

  #lost() {
    const error = Object.assign(new Error("the track ended"), { code: "cameraLost" });
    this.close();
    this.#listen.fault(error);
  }

  /** Forget a sign that has begun: from now on words may be others. */
  renew() {
    if (this.#stream) this.#stream = this.#engine.stream();
  }

  /** Stop looking, or go on; after a film's end, begin it again. */
  async pause(isPaused) {
    const isReplay = this.ended && !isPaused;
    this.paused = isPaused;
    this.ended = false;
    if (this.#isOneSign) {
      if (isReplay) await this.#again();
      else if (!isPaused) this.#wake?.();
    } else if (isPaused) {
      this.#video.pause();
      await this.#pump?.stop();
      if (this.#stream) this.#tell(await this.#stream.flush());
    } else {
      this.renew();
      this.#pump?.start();
      await this.#play();
    }
  }

  async #again() {
    await this.#begin();
    this.#step();
  }

  async close() {
    const [pump, source] = [this.#pump, this.#source];
    this.#pump = this.#source = this.kind = null;
    this.#wake?.();
    await pump?.stop();
    source?.stop();
  }
}

/** Give the five best of a vocabulary's probabilities, best first. */
export function best(chances) {
  return Array.from(chances, (probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, 5);
}
