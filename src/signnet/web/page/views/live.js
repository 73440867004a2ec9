// The live view: starts a camera or a film, and shows the words that are recognised.
import { logError, ObstacleWatch, Session } from "../engine/index.js";
import { megabytes, onLanguage, t } from "../text/i18n.js";
import { hush, onVoice } from "../text/speech.js";
import { Card } from "./card.js";
import { Controls } from "./controls.js";
import { Stage } from "./stage.js";

const $ = (id) => document.getElementById(id);

export class Live {
  #engine;
  #parts;
  #session;
  #stage;
  #controls;
  #obstacles = new ObstacleWatch();
  #retry = null;
  #resume = null; // goes on with what `leave` stopped
  #run = 0; // counts what was started and stopped; a start that is not the latest ends
  /** Called with each event while a word is practised or taught, and at a film's end. */
  onEvent = null;
  /** Shows what was recognised. */
  card;

  /**
   * @param {Engine} engine
   * @param {Object[]} words the vocabulary, with readings and meanings
   * @param {Object} skeleton the content of skeleton.json
   */
  constructor(engine, words, skeleton) {
    this.#engine = engine;
    this.#parts = skeleton.parts;
    this.#stage = new Stage(skeleton);
    this.#session = new Session($("video"), engine, skeleton.parts, {
      onFrame: (frame) => this.#onFrame(frame),
      onEvents: (events, isFilm) => this.#onEvents(events, isFilm),
      onEnd: (hasSign) => this.#onEnd(hasSign),
      onFault: (error) => this.#onFault(error),
    });
    this.#controls = this.#makeControls();
    this.card = new Card(words, () => this.#controls.isOn("speak"));
    onVoice((hasVoice) => ($("speak").hidden = !hasVoice));
    onLanguage(() => this.#translate());
  }

  #makeControls() {
    const actions = {
      camera: () => this.start("camera"),
      film: () => this.#controls.chooseFilm(),
      retry: () => (this.#retry ? this.#retry() : this.start("camera")),
      pause: () => this.pause(!this.#session.isPaused),
      clear: () => this.card.clear(),
      copy: () => this.card.copy(),
    };
    const listeners = {
      onFilm: (file) => this.start("film", file),
      onCamera: (device) => this.start("camera", device),
      onSwitch: (name, isOn) => name === "speak" && !isOn && hush(),
    };
    return new Controls(actions, listeners, () => this.#session.kind);
  }

  /**
   * Load what is missing, then start a camera or a film.
   *
   * @param {"camera"|"film"} kind
   * @param {string|File|null} given a camera's id or a film's file; null for any camera
   */
  async start(kind, given = null) {
    const run = ++this.#run;
    this.#resume = null;
    this.#retry = () => this.start(kind, given);
    this.#enter("loading");
    this.#stage.showProgress(0, this.#engine.bytes);
    try {
      await this.#engine.open((done, total) => this.#stage.showProgress(done, total));
      if (run === this.#run) await this.#startSource(kind, given);
      if (run !== this.#run) return;
      this.#stage.fitPicture();
      this.#enter("running");
      this.#showSize();
    } catch (error) {
      if (run === this.#run) this.#onFault(error);
    }
  }

  async #startSource(kind, given) {
    this.#stage.showLoading(kind === "camera" ? "loadingCamera" : "loadingStart");
    this.#obstacles.reset();
    this.card.showNothing();
    if (kind === "camera") await this.#controls.showCameras(await this.#session.startCamera(given));
    else this.#controls.showSeekBar(await this.#session.startFilm(given));
  }

  #enter(state) {
    this.#stage.enter(state, this.#session.kind);
    this.#controls.enter(state === "running");
    this.#showPaused();
  }

  #onFault(error) {
    logError(error);
    this.#run += 1;
    const code = error.code ?? "unknown";
    if (code === "trackerFailed" || code === "modelFailed") this.#engine.close();
    this.#session.close();
    this.#enter("problem");
    this.#stage.explain(code);
  }

  /** Retry what failed without a network, now that it is back. */
  backOnline() {
    if (this.#stage.problem === "network") this.#retry?.();
  }

  /** Record each movement as a clip of a sign to teach, or recognise again. */
  record(isRecording) {
    if (this.#engine.isRecording === isRecording) return;
    this.#engine.isRecording = isRecording;
    this.restartStream();
  }

  /** Drop a sign that has begun. */
  restartStream() {
    this.#session.restartStream();
  }

  /** Have a camera run, whatever ran before; false if none can. */
  async ensureCamera() {
    const isCamera = this.#session.kind === "camera";
    if (this.#stage.state !== "running" || !isCamera) await this.start("camera");
    else if (this.#session.isPaused) await this.pause(false);
    return this.#stage.state === "running";
  }

  /** Turn the camera off, or pause the film, while the stage is out of sight. */
  async leave() {
    hush();
    if (this.#stage.state === "loading") {
      this.#run += 1; // what it has loaded is kept
      this.#resume = this.#retry;
      const closed = this.#session.close();
      this.#enter("welcome");
      await closed;
    } else if (this.#stage.state === "running" && !this.#session.isPaused) {
      const paused = this.pause(true);
      this.#resume = () => this.pause(false);
      await paused;
    }
  }

  /** Turn the camera off until something is started. */
  release() {
    const left = this.leave();
    this.#resume = null;
    return left;
  }

  /** Go on with what `leave` stopped, because the stage is in sight again. */
  async comeBack() {
    await this.#resume?.();
  }

  /** Pause, which turns a camera off, or continue. */
  async pause(isPaused) {
    this.#resume = null;
    const settled = this.#session.pause(isPaused);
    if (!isPaused) this.#obstacles.reset();
    this.#stage.showHint(null);
    this.#showPaused();
    await settled.catch((error) => error.code === "superseded" || this.#onFault(error));
  }

  #showPaused() {
    const { isPaused: wasPaused, isEnded, kind } = this.#session;
    const isPaused = this.#stage.state === "running" && wasPaused;
    const pause = kind === "camera" ? "cameraOff" : "paused";
    this.#controls.showPause(isEnded ? "replay" : isPaused ? "resume" : "pause");
    if (isPaused) this.#stage.showActivity(isEnded ? "ended" : pause);
    else this.#stage.watchAgain();
  }

  #onFrame(frame) {
    const video = $("video");
    const isCamera = this.#session.kind === "camera";
    this.#stage.draw(frame.joints, this.#controls.isOn("veil"));
    const seconds = performance.now() / 1000;
    const observed = { ...frame, seconds, isCamera };
    const obstacle = this.#obstacles.update(observed, this.#parts);
    if (!this.#session.isPaused) this.#stage.showHint(obstacle);
    document.documentElement.dataset.fps = this.#obstacles.fps.toFixed(1);
    if (this.#session.kind === "film") this.#controls.showPosition(video);
  }

  #onEvents(events, isFilm) {
    for (const event of events) {
      if (this.#engine.isRecording) {
        this.#showActivity(event.kind === "start" ? "signing" : "watching");
        this.onEvent?.(event, isFilm);
      } else {
        this.#showEvent(event);
        this.onEvent?.(event, isFilm);
        document.dispatchEvent(new CustomEvent("signnet", { detail: event }));
      }
    }
  }

  /** Show what is being done, unless it is paused: its last sign comes after that. */
  #showActivity(activity) {
    if (!this.#session.isPaused) this.#stage.showActivity(activity);
  }

  #showEvent(event) {
    const { kind } = event;
    if (kind === "start" || kind === "guess") this.#showActivity("signing");
    if (kind === "rest" || kind === "sign") this.#showActivity("watching");
    this.card.show(event, this.#engine.clipOf(event));
  }

  #onEnd(hasSign) {
    this.#showPaused();
    if (this.#engine.isRecording) this.onEvent?.({ kind: "end" }, true);
    else this.card.endFilm(hasSign);
    document.dispatchEvent(new CustomEvent("signnet", { detail: { kind: "end" } }));
  }

  /** Go on with other words: what was recognised before is dropped. */
  changeWords() {
    this.restartStream();
    this.card.showNothing();
  }

  #translate() {
    this.#stage.translate();
    this.card.translate();
    this.#showPaused();
    this.#showSize();
  }

  /** Say how much a start would load. */
  async #showSize() {
    const { bytes } = this.#engine;
    const missing = await this.#engine.missingBytes();
    const key = missing === bytes ? "sizeNote" : "sizeRest";
    $("size-note").textContent = missing ? t(key, megabytes(missing)) : t("sizeStored");
  }
}
