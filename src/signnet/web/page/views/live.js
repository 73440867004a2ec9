// The live view: starts a camera or a film, and shows the words that are recognised.
import { logError } from "../browser/problem.js";
import { brightnessOf, ObstacleWatch } from "../capture/obstacles.js";
import { Session } from "../recognise/session.js";
import { megabytes, onLanguage, percent, t } from "../text/i18n.js";
import { hush, onVoice, speak } from "../text/speech.js";
import { Controls } from "./controls.js";
import { showMessage, showNothing, showPredictions, showWord } from "./recognised.js";
import { Stage } from "./stage.js";
import { Transcript } from "./transcript.js";

const $ = (id) => document.getElementById(id);
const BRIGHTNESS_SECONDS = 0.5; // time between two measurements

export class Live {
  #engine;
  #words;
  #parts;
  #session;
  #stage;
  #controls;
  #transcript;
  #obstacles = new ObstacleWatch();
  #brightness = { value: 1, seconds: -Infinity };
  #retry = null;
  #showLast = () => {};
  #isLoading = false;
  /** Called with each event while a word is practised or taught, and at a film's end. */
  onEvent = null;

  /**
   * @param {Engine} engine
   * @param {Object[]} words the vocabulary, with readings and meanings
   * @param {Object} skeleton the content of skeleton.json
   */
  constructor(engine, words, skeleton) {
    this.#engine = engine;
    this.#words = words;
    this.#parts = skeleton.parts;
    this.#stage = new Stage(skeleton);
    const buttons = [$("copy"), $("clear")];
    this.#transcript = new Transcript($("transcript"), $("transcript-empty"), buttons);
    this.#session = new Session($("video"), engine, skeleton.parts, {
      onFrame: (frame) => this.#onFrame(frame),
      onEvents: (events, isFilm) => this.#onEvents(events, isFilm),
      onEnd: (hasSign) => this.#onEnd(hasSign),
      onFault: (error) => this.#onFault(error),
    });
    this.#controls = this.#makeControls();
    onVoice((hasVoice) => ($("speak").hidden = !hasVoice));
    this.#showNothing();
    onLanguage(() => this.#translate());
  }

  #makeControls() {
    const actions = {
      camera: () => this.start("camera"),
      film: () => this.#controls.chooseFilm(),
      retry: () => (this.#retry ? this.#retry() : this.start("camera")),
      pause: () => this.pause(!this.#session.isPaused),
      clear: () => this.#clear(),
      copy: () => this.#transcript.copy($("copy").firstElementChild),
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
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#retry = () => this.start(kind, given);
    this.#enter("loading");
    this.#stage.showProgress(0, this.#engine.bytes);
    try {
      await this.#engine.open((done, total) => this.#stage.showProgress(done, total));
      this.#stage.showLoading(kind === "camera" ? "loadingCamera" : "loadingStart");
      this.#obstacles.reset();
      this.#showNothing();
      if (kind === "camera")
        await this.#controls.showCameras(await this.#session.startCamera(given));
      else this.#controls.showSeekBar(await this.#session.startFilm(given));
      this.#stage.fitPicture();
      this.#enter("running");
    } catch (error) {
      this.#onFault(error);
    } finally {
      this.#isLoading = false;
    }
  }

  #enter(state) {
    this.#stage.enter(state, this.#session.kind);
    this.#controls.enter(state === "running");
    this.#showPaused();
  }

  #onFault(error) {
    logError(error);
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

  /** Pause, because another view is shown. */
  async leave() {
    if (this.#stage.state === "running" && !this.#session.isPaused) await this.pause(true);
    hush();
  }

  /** Pause or continue. */
  async pause(isPaused) {
    const settled = this.#session.pause(isPaused);
    if (!isPaused) this.#obstacles.reset();
    this.#stage.showHint(null);
    this.#showPaused();
    await settled.catch((error) => this.#onFault(error));
  }

  #showPaused() {
    const { isPaused: wasPaused, isEnded } = this.#session;
    const isPaused = this.#stage.state === "running" && wasPaused;
    this.#controls.showPause(isEnded ? "replay" : isPaused ? "resume" : "pause");
    if (isPaused) this.#stage.showActivity(isEnded ? "ended" : "paused");
    else this.#stage.watchAgain();
  }

  #onFrame(frame) {
    const video = $("video");
    const isCamera = this.#session.kind === "camera";
    this.#stage.draw(frame.joints, this.#controls.isOn("veil"));
    const seconds = performance.now() / 1000;
    if (seconds - this.#brightness.seconds > BRIGHTNESS_SECONDS)
      this.#brightness = { seconds, value: brightnessOf(video) };
    const observed = { ...frame, seconds, isCamera, brightness: this.#brightness.value };
    this.#stage.showHint(this.#obstacles.update(observed, this.#parts));
    document.documentElement.dataset.fps = this.#obstacles.fps.toFixed(1);
    if (this.#session.kind === "film") this.#controls.showPosition(video);
  }

  #onEvents(events, isFilm) {
    for (const event of events) {
      if (this.#engine.isRecording) {
        this.#stage.showActivity(event.kind === "start" ? "signing" : "watching");
        this.onEvent?.(event, isFilm);
      } else {
        this.#showEvent(event);
        this.onEvent?.(event, isFilm);
        document.dispatchEvent(new CustomEvent("signnet", { detail: event }));
      }
    }
  }

  #showEvent(event) {
    const { kind, predictions } = event;
    if (predictions) showPredictions($("guesses"), predictions, this.#words);
    if (kind === "start" || kind === "guess") this.#stage.showActivity("signing");
    if (kind === "rest" || kind === "sign") this.#stage.showActivity("watching");
    if (kind === "sign") this.#showSign(event);
    if (kind === "unsure") this.#showUnsure(event);
  }

  #showSign({ index, probability }) {
    const word = this.#words[index];
    this.#show(() => showWord($("now"), word, percent(probability)));
    this.#transcript.add(word);
    if (this.#controls.isOn("speak")) speak(word.gloss);
  }

  #showUnsure({ predictions }) {
    if (!predictions.length) return this.#showNothing();
    const { gloss } = this.#words[predictions[0].index];
    this.#show(() => showMessage($("now"), t("unsure"), t("unsureMore", gloss)));
  }

  #onEnd(hasSign) {
    this.#showPaused();
    if (this.#engine.isRecording) this.onEvent?.({ kind: "end" }, true);
    else if (!hasSign && this.#words.length && !$("guesses").children.length)
      this.#show(() => showMessage($("now"), t("filmNothing"), t("filmEnd")));
    document.dispatchEvent(new CustomEvent("signnet", { detail: { kind: "end" } }));
  }

  #showNothing() {
    $("guesses").replaceChildren();
    this.#show(() => showNothing($("now"), this.#words.length));
  }

  /** Go on with other words: what was recognised before is dropped. */
  changeWords() {
    this.restartStream();
    this.#showNothing();
  }

  /** Show something in the card, and again when the language changes. */
  #show(show) {
    this.#showLast = show;
    show();
  }

  #clear() {
    this.#transcript.clear();
    this.#showNothing();
  }

  #translate() {
    this.#stage.translate();
    const isLoaded = this.#engine.isOpen;
    const size = megabytes(this.#engine.bytes);
    $("size-note").textContent = isLoaded ? t("sizeStored") : t("sizeNote", size);
    this.#showLast();
    this.#showPaused();
  }
}
