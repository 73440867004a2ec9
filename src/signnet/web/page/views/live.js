// The live view: starts a camera or a film, and shows the words that are recognised.
import { logError } from "../parts/device.js";
import { onLanguage } from "../text/i18n.js";
import { hush, onVoice } from "../text/speech.js";
import { Card } from "./card.js";
import { Controls } from "./controls.js";
import { loadModel, showSize } from "./loading.js";
import { Stage } from "./stage.js";

const $ = (id) => document.getElementById(id);

export class Live {
  #model;
  #stream = null; // the camera or the film that runs
  #stage;
  #controls;
  #isRecording = false;
  #retry = null;
  #resume = null; // goes on with what `leave` stopped
  #run = 0; // counts what was started and stopped; a start that is not the latest ends
  /** Called with each event while a word is practised or taught, and when that ends. */
  onEvent = null;
  /** Shows what was recognised. */
  card;

  /** @param {Model} model */
  constructor(model) {
    this.#model = model;
    this.#stage = new Stage(model.skeleton);
    this.#controls = this.#makeControls();
    $("video").addEventListener("loadeddata", () => this.#preview());
    $("video").addEventListener("resize", () => this.#stage.fitPicture()); // a phone was turned
    this.card = new Card(model.words, () => this.#controls.isOn("speak"));
    onVoice((hasVoice) => ($("speak").hidden = !hasVoice));
    onLanguage(() => this.#translate());
  }

  #makeControls() {
    const actions = {
      camera: () => this.start("camera"),
      film: () => this.#controls.chooseFilm(),
      retry: () => (this.#retry ? this.#retry() : this.start("camera")),
      pause: () => this.pause(!this.#stream.isPaused),
      clear: () => this.card.clear(),
      copy: () => this.card.copy(),
    };
    const listeners = {
      onFilm: (file) => this.start("film", file),
      onCamera: (device) => this.#changeCamera(device),
      onSwitch: (name, isOn) => name === "speak" && !isOn && hush(),
    };
    return new Controls(actions, listeners, () => this.#stream?.kind ?? null);
  }

  /**
   * Start a camera or a film, and load what is missing meanwhile.
   *
   * @param {"camera"|"film"} kind
   * @param {string|File|null} given a camera's id or a film's file; null for any camera
   */
  async start(kind, given = null) {
    const run = ++this.#run;
    this.#resume = null;
    this.#retry = () => this.start(kind, given);
    this.#enter("loading", kind);
    try {
      await Promise.all([loadModel(this.#model, this.#stage), this.#startSource(run, kind, given)]);
      if (run !== this.#run) return;
      this.#stage.fitPicture();
      this.#enter("running");
      showSize(this.#model);
    } catch (error) {
      if (run === this.#run) this.#onFault(error);
    }
  }

  async #startSource(run, kind, given) {
    this.card.showNothing();
    await this.#close();
    if (run !== this.#run) return;
    const stream = this.#model.stream(given, {
      video: $("video"),
      onFrame: (frame) => this.#onFrame(frame),
      recording: this.#isRecording,
    });
    this.#stream = stream;
    const source = await stream.open();
    this.#follow(stream);
    if (kind === "camera") await this.#controls.showCameras(source.device);
    else this.#controls.showSeekBar(source);
  }

  /** Take the events of a stream, until it ends. */
  async #follow(stream) {
    let hasSign = false;
    try {
      for await (const event of stream) {
        hasSign ||= event.kind === "sign";
        this.#onEvent(event);
      }
      if (stream.isEnded && stream === this.#stream) this.#onEnd(hasSign);
    } catch (error) {
      if (stream === this.#stream) this.#onFault(error);
    }
  }

  /** Show the camera's picture while the models still load. */
  #preview() {
    if (this.#stage.state !== "loading" || this.#stream?.kind !== "camera") return;
    this.#stage.fitPicture();
    this.#enter("preview");
  }

  #close() {
    const stream = this.#stream;
    this.#stream = null;
    return stream?.close();
  }

  #enter(state, kind = this.#stream?.kind) {
    this.#stage.enter(state, kind);
    this.#controls.enter(state === "running");
    this.#showPaused();
  }

  #onFault(error) {
    logError(error);
    this.#run += 1;
    this.#close();
    this.#enter("problem");
    this.#stage.explain(error.code ?? "unknown", this.card.hasTranscript);
    this.#interrupt();
  }

  #changeCamera(device) {
    this.#interrupt();
    this.start("camera", device);
  }

  /** Tell the view beside the stage that nothing is recorded any more. */
  #interrupt() {
    this.onEvent?.({ kind: "interrupted" }, this.#stream?.kind === "film");
  }

  /** Retry what failed without a network, now that it is back. */
  backOnline() {
    if (this.#stage.problem === "network") this.#retry?.();
  }

  /** Record each movement as a clip of a sign to teach, or recognise again. */
  record(isRecording) {
    if (this.#isRecording === isRecording) return;
    this.#isRecording = isRecording;
    this.#stream?.record(isRecording);
  }

  /** Drop a sign that has begun. */
  restartStream() {
    this.#stream?.restart();
  }

  /** Have a camera run, whatever ran before; false if none can. */
  async ensureCamera() {
    const isCamera = this.#stream?.kind === "camera";
    if (this.#stage.state !== "running" || !isCamera) await this.start("camera");
    else if (this.#stream.isPaused) await this.pause(false);
    return this.#stage.state === "running";
  }

  /** Turn the camera off, or pause the film, while the stage is out of sight. */
  async leave() {
    hush();
    if (this.#stage.isLoading) {
      this.#run += 1; // what it has loaded is kept
      this.#resume = this.#retry;
      const closed = this.#close();
      this.#enter("welcome");
      await closed;
    } else if (this.#stage.state === "running" && !this.#stream.isPaused) {
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
    if (isPaused) this.#interrupt();
    const stream = this.#stream;
    const isReplay = stream.isEnded;
    const settled = isPaused ? stream.pause() : stream.resume();
    if (isReplay) this.#follow(stream);
    this.#stage.showHint(null);
    this.#showPaused();
    await settled.catch((error) => error.code === "superseded" || this.#onFault(error));
  }

  #showPaused() {
    const { isPaused: wasPaused, isEnded, kind } = this.#stream ?? {};
    const isPaused = this.#stage.state === "running" && wasPaused;
    const pause = kind === "camera" ? "cameraOff" : "paused";
    this.#controls.showPause(isEnded ? "replay" : isPaused ? "resume" : "pause");
    if (isPaused) this.#stage.showActivity(isEnded ? "ended" : pause);
    else this.#stage.watchAgain();
  }

  #onFrame({ landmarks, obstacle }) {
    const { kind, isPaused, fps } = this.#stream ?? {};
    if (!kind) return; // the last picture of a source that was closed
    this.#stage.draw(landmarks, this.#controls.isOn("veil"));
    if (!isPaused) this.#stage.showHint(obstacle);
    document.documentElement.dataset.fps = fps.toFixed(1);
    if (kind === "film") this.#controls.showPosition($("video"));
  }

  #onEvent(event) {
    const { kind } = event;
    if (this.#isRecording) this.#showActivity(kind === "start" ? "signing" : "watching");
    else this.#showEvent(event);
    this.onEvent?.(event, this.#stream?.kind === "film");
    if (!this.#isRecording) document.dispatchEvent(new CustomEvent("signnet", { detail: event }));
  }

  /** Show what is being done, unless it is paused: its last sign comes after that. */
  #showActivity(activity) {
    if (!this.#stream?.isPaused) this.#stage.showActivity(activity);
  }

  #showEvent(event) {
    const { kind } = event;
    if (kind === "start" || kind === "guess") this.#showActivity("signing");
    if (kind === "rest" || kind === "sign") this.#showActivity("watching");
    this.card.show(event, this.#model.clipOf(event));
  }

  #onEnd(hasSign) {
    this.#showPaused();
    if (this.#isRecording) this.onEvent?.({ kind: "end" }, true);
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
    showSize(this.#model);
  }
}
