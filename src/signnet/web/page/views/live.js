// What the controls do: camera or film, pause, and where the words go.
import { listCameras, onCameras } from "../capture/camera.js";
import { forgetColours } from "../figure/draw.js";
import { clock } from "../capture/film.js";
import { number, onLanguage, percent, t } from "../text/i18n.js";
import { isKept, keep } from "./preferences.js";
import { Session } from "../recognise/session.js";
import { noGuesses, showGuesses, showMessage, showWord } from "./result.js";
import { hush, onVoice, speak } from "../text/speech.js";
import { Stage } from "./stage.js";
import { Transcript } from "./transcript.js";
import { lightOf, Watch } from "../capture/obstacles.js";

const $ = (id) => document.getElementById(id);
const LIGHT_SECONDS = 0.5;

export class Live {
  #engine;
  #knowledge;
  #session;
  #watch = new Watch();
  #stage;
  #transcript;
  #light = { value: 1, seconds: -Infinity };
  #lastTry = null;
  #lastShown = () => {};
  #isLoading = false;
  /** Called with each event while a word is practised or taught, and at a film's end. */
  onEvent = null;

  constructor(engine, knowledge) {
    this.#engine = engine;
    this.#knowledge = knowledge;
    this.#stage = new Stage(knowledge.skeleton);
    this.#transcript = new Transcript($("transcript"), $("transcript-empty"), [
      $("copy"),
      $("clear"),
    ]);
    this.#session = new Session($("video"), engine, knowledge, {
      frame: (frame) => this.#frame(frame),
      events: (events, isFilm) => this.#events(events, isFilm),
      end: (hasWord) => this.#end(hasWord),
      fault: (error) => this.#fault(error),
    });
    this.#listen();
    this.#showNothing();
    onLanguage(() => this.#translate());
  }

  #listen() {
    const actions = {
      camera: () => this.start("camera"),
      film: () => $("file").click(),
      retry: () => (this.#lastTry ? this.#lastTry() : this.start("camera")),
      pause: () => this.pause(!this.#session.paused),
      mirror: () => this.#toggle("mirror"),
      veil: () => this.#toggle("veil"),
      speak: () => this.#toggle("speak"),
      clear: () => this.#clear(),
      copy: () => this.#copy(),
    };
    for (const button of document.querySelectorAll("[data-action]")) {
      button.addEventListener("click", () => actions[button.dataset.action]());
    }
    $("file").addEventListener("change", () => this.#chosen());
    $("cameras").addEventListener("change", () => this.start("camera", $("cameras").value));
    $("seek").addEventListener(
      "change",
      () => ($("video").currentTime = ($("seek").value / 1000) * $("video").duration),
    );
    onCameras(() => this.#listCameras());
    onVoice((hasVoice) => this.#voice(hasVoice));
    for (const name of ["mirror", "veil", "speak"])
      this.#press(name, isKept(name, name === "mirror"));
    this.#dropFiles();
  }

  #dropFiles() {
    const stage = $("stage");
    stage.addEventListener("dragover", (event) => event.preventDefault());
    stage.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.start("film", file);
    });
  }

  #chosen() {
    const [file] = $("file").files;
    $("file").value = "";
    if (file) this.start("film", file);
  }

  /** Load what is missing, then show a camera (by its id) or a film (a file). */
  async start(kind, given = null) {
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#lastTry = () => this.start(kind, given);
    this.#enter("loading");
    this.#stage.progress(0, this.#engine.bytes);
    try {
      await this.#engine.open((done, total) => this.#stage.progress(done, total));
      this.#stage.tellLoading(kind === "camera" ? "loadingCamera" : "loadingStart");
      this.#watch.reset();
      this.#showNothing();
      if (kind === "camera") await this.#openCamera(given);
      else await this.#openFilm(given);
      this.#stage.fit();
      this.#enter("running");
    } catch (error) {
      this.#fault(error);
    } finally {
      this.#isLoading = false;
    }
  }

  async #openCamera(device) {
    const used = await this.#session.camera(device);
    await this.#listCameras(used);
  }

  async #openFilm(file) {
    const { seconds, isShort } = await this.#session.film(file);
    $("seek-row").hidden = isShort || !Number.isFinite(seconds);
  }

  async #listCameras(used = $("cameras").value) {
    const cameras = await listCameras();
    $("cameras").replaceChildren(
      ...cameras.map(
        ({ deviceId, label }, place) =>
          new Option(label || t("camera", number(place + 1)), deviceId),
      ),
    );
    $("cameras").value = used;
    $("camera-choice").hidden = this.#session.kind !== "camera" || cameras.length < 2;
  }

  #enter(state) {
    this.#stage.enter(state, this.#session.kind);
    $("controls").hidden = state !== "running";
    $("mirror").hidden = this.#session.kind !== "camera";
    $("to-camera").hidden = this.#session.kind !== "film";
    if (this.#session.kind !== "film") $("seek-row").hidden = true;
    if (this.#session.kind !== "camera") $("camera-choice").hidden = true;
    this.#showPaused();
  }

  #fault(error) {
    console.info(`signnet: ${error.code ?? error.name}: ${error.message}`);
    const code = error.code ?? "unknown";
    if (code === "trackerFailed" || code === "modelFailed") this.#engine.close();
    this.#session.close();
    this.#enter("problem");
    this.#stage.explain(code);
  }

  /** Once the network is back, go on with what failed without it. */
  backOnline() {
    if (this.#stage.problem === "network") this.#lastTry?.();
  }

  /** Take each movement as one clip of a sign that is taught, or recognise again. */
  record(isRecording) {
    if (this.#engine.recording === isRecording) return;
    this.#engine.recording = isRecording;
    this.renew();
  }

  /** Forget a sign that has begun. */
  renew() {
    this.#session.renew();
  }

  /** Have the camera run, whatever was before; false if it cannot. */
  async look() {
    if (this.#stage.state !== "running" || this.#session.kind !== "camera")
      await this.start("camera");
    else if (this.#session.paused) await this.pause(false);
    return this.#stage.state === "running";
  }

  /** Leave the stage: another page is shown. */
  async leave() {
    if (this.#stage.state === "running" && !this.#session.paused) await this.pause(true);
    hush();
  }

  async pause(isPaused) {
    const settled = this.#session.pause(isPaused);
    if (!isPaused) this.#watch.reset();
    this.#stage.tellHint(null);
    this.#showPaused();
    await settled.catch((error) => this.#fault(error));
  }

  #showPaused() {
    const isPaused = this.#stage.state === "running" && this.#session.paused;
    $("pause").setAttribute("aria-pressed", isPaused);
    const label = this.#session.ended ? "replay" : isPaused ? "resume" : "pause";
    $("pause").querySelector("span").textContent = t(label);
    $("pause")
      .querySelector("use")
      .setAttribute("href", isPaused ? "#i-play" : "#i-pause");
    if (isPaused) this.#stage.tellSigning(this.#session.ended ? "ended" : "paused");
    else this.#stage.goOn();
  }

  #frame(frame) {
    const video = $("video");
    this.#stage.draw(frame.joints, this.#isPressed("veil"));
    const seconds = performance.now() / 1000;
    if (seconds - this.#light.seconds > LIGHT_SECONDS)
      this.#light = { seconds, value: lightOf(video) };
    const live = this.#session.kind === "camera";
    const seen = { ...frame, seconds, live, light: this.#light.value };
    this.#stage.tellHint(this.#watch.see(seen, this.#knowledge.skeleton.parts));
    document.documentElement.dataset.fps = this.#watch.fps.toFixed(1);
    if (this.#session.kind === "film" && Number.isFinite(video.duration)) {
      $("seek").value = (1000 * video.currentTime) / video.duration;
      $("film-time").textContent = `${clock(video.currentTime)} / ${clock(video.duration)}`;
    }
  }

  #events(events, isFilm) {
    for (const event of events) {
      if (this.#engine.recording) {
        this.#stage.tellSigning(event.kind === "start" ? "signing" : "watching");
        this.onEvent?.(event, isFilm);
        continue;
      }
      if (event.predictions) showGuesses($("guesses"), event.predictions, this.#knowledge.words);
      if (event.kind === "start" || event.kind === "guess") this.#stage.tellSigning("signing");
      if (event.kind === "rest" || event.kind === "sign") this.#stage.tellSigning("watching");
      if (event.kind === "sign") this.#sign(event);
      if (event.kind === "unsure") this.#unsure(event);
      this.onEvent?.(event, isFilm);
      document.dispatchEvent(new CustomEvent("signnet", { detail: event }));
    }
  }

  #sign({ index, probability }) {
    const word = this.#knowledge.words[index];
    this.#show(() => showWord($("now"), word, percent(probability)));
    this.#transcript.add(word);
    if (this.#isPressed("speak")) speak(word.gloss);
  }

  #unsure({ predictions }) {
    const { gloss } = this.#knowledge.words[predictions[0].index];
    this.#show(() => showMessage($("now"), t("unsure"), t("unsureMore", gloss)));
  }

  #end(hasWord) {
    this.#showPaused();
    if (this.#engine.recording) this.onEvent?.({ kind: "end" }, true);
    else if (!hasWord && !$("guesses").children.length)
      this.#show(() => showMessage($("now"), t("filmNothing"), t("filmEnd")));
    document.dispatchEvent(new CustomEvent("signnet", { detail: { kind: "end" } }));
  }

  #showNothing() {
    noGuesses($("guesses"));
    this.#show(() => showMessage($("now"), t("nothingYet"), t("nothingYetMore")));
  }

  #show(how) {
    this.#lastShown = how;
    how();
  }

  #isPressed(name) {
    return $(name).getAttribute("aria-pressed") === "true";
  }

  #toggle(name) {
    this.#press(name, !this.#isPressed(name));
    keep(name, this.#isPressed(name));
    if (name === "speak" && !this.#isPressed(name)) hush();
  }

  #press(name, isOn) {
    $(name).setAttribute("aria-pressed", isOn);
    $("stage").classList.toggle(name, isOn);
    forgetColours();
  }

  #voice(hasVoice) {
    $("speak").hidden = !hasVoice;
  }

  #clear() {
    this.#transcript.clear();
    this.#showNothing();
  }

  async #copy() {
    const label = $("copy").firstElementChild;
    await this.#transcript.copy().then(
      () => (label.textContent = t("copied")),
      () => {},
    );
    setTimeout(() => (label.textContent = t("copy")), 2000);
  }

  #translate() {
    this.#stage.translate();
    const megabytes = number(this.#engine.bytes / 1e6, { maximumFractionDigits: 0 });
    $("size-note").textContent = this.#engine.ready ? t("sizeKept") : t("sizeNote", megabytes);
    this.#lastShown();
    this.#showPaused();
  }
}
