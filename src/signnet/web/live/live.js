// The stage: camera or film, what is said about it, and its controls.
import { listCameras, onCameras } from "./camera.js";
import { drawFigure, forgetColours } from "./draw.js";
import { clock } from "./film.js";
import { number, onLanguage, percent, t } from "./i18n.js";
import { isKept, keep } from "./kept.js";
import { Session } from "./session.js";
import { explain, noGuesses, showGuesses, showMessage, showWord } from "./shown.js";
import { hush, onVoice, speak } from "./speech.js";
import { Transcript } from "./transcript.js";
import { lightOf, Watch } from "./watch.js";

const $ = (id) => document.getElementById(id);
const CARDS = ["welcome", "loading", "problem"];
const LIGHT_SECONDS = 0.5;

export class Live {
  #engine;
  #knowledge;
  #session;
  #watch = new Watch();
  #transcript;
  #light = { value: 1, seconds: -Infinity };
  #state = "welcome";
  #lastTry = null;
  #lastShown = () => {};
  #problem = null;
  #hint = null;
  #isLoading = false;
  /** Called with each event while a word is practised. */
  onPractice = null;

  constructor(engine, knowledge) {
    this.#engine = engine;
    this.#knowledge = knowledge;
    this.#transcript = new Transcript($("transcript"), $("transcript-empty"), [$("copy"), $("clear")]);
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
    $("seek").addEventListener("change", () => ($("video").currentTime = ($("seek").value / 1000) * $("video").duration));
    onCameras(() => this.#listCameras());
    onVoice((hasVoice) => this.#voice(hasVoice));
    for (const name of ["mirror", "veil", "speak"]) this.#press(name, isKept(name, name === "mirror"));
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
    this.#progress(0, this.#engine.bytes);
    try {
      await this.#engine.open((done, total) => this.#progress(done, total));
      $("loading-text").textContent = kind === "camera" ? t("loadingCamera") : t("loadingStart");
      this.#watch.reset();
      this.#showNothing();
      if (kind === "camera") await this.#openCamera(given);
      else await this.#openFilm(given);
      this.#fit();
      this.#enter("running");
    } catch (error) {
      this.#fault(error);
    } finally {
      this.#isLoading = false;
    }
  }

  /** Give the stage the shape of the picture. */
  #fit() {
    const { videoWidth, videoHeight } = $("video");
    if (videoWidth) $("stage").style.setProperty("--shape", Math.max(0.8, videoWidth / videoHeight));
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
      ...cameras.map(({ deviceId, label }, place) => new Option(label || t("camera", number(place + 1)), deviceId)),
    );
    $("cameras").value = used;
    $("camera-choice").hidden = this.#session.kind !== "camera" || cameras.length < 2;
  }

  #progress(done, total) {
    const megabytes = (bytes) => number(bytes / 1e6, { maximumFractionDigits: 0 });
    const share = Math.round((100 * done) / total);
    $("progress").setAttribute("aria-valuenow", share);
    $("progress").firstElementChild.style.inlineSize = `${share}%`;
    $("loading-text").textContent = done < total ? t("loadingBytes", megabytes(done), megabytes(total)) : t("loadingStart");
  }

  #enter(state) {
    this.#state = state;
    $("stage").dataset.state = state;
    $("stage").dataset.source = this.#session.kind ?? "";
    for (const card of CARDS) $(card).hidden = card !== state;
    $("controls").hidden = state !== "running";
    $("open-film").hidden = false;
    $("to-camera").hidden = this.#session.kind !== "film";
    if (this.#session.kind !== "film") $("seek-row").hidden = true;
    if (this.#session.kind !== "camera") $("camera-choice").hidden = true;
    this.#tellHint(null);
    this.#tellSigning("watching");
    this.#showPaused();
  }

  #fault(error) {
    console.info(`signnet: ${error.code ?? error.name}: ${error.message}`);
    this.#problem = error.code ?? "unknown";
    if (this.#problem === "trackerFailed" || this.#problem === "modelFailed") this.#engine.close();
    this.#session.close();
    this.#enter("problem");
    this.#translate();
    const isHopeless = ["noWasm", "oldBrowser", "insecure"].includes(this.#problem);
    $("retry").hidden = isHopeless || this.#problem === "notVideo" || this.#problem === "soundOnly";
    $("problem-words").hidden = !isHopeless;
    $("problem-film").hidden = ["noWasm", "oldBrowser", "network", "damaged", "missing"].includes(this.#problem);
  }

  /** Once the network is back, go on with what failed without it. */
  backOnline() {
    if (this.#state === "problem" && this.#problem === "network") this.#lastTry?.();
  }

  /** Leave the stage: another page is shown. */
  async leave() {
    if (this.#state === "running" && !this.#session.paused) await this.pause(true);
    hush();
  }

  async pause(isPaused) {
    await this.#session.pause(isPaused);
    if (!isPaused) this.#watch.reset();
    this.#tellHint(null);
    this.#showPaused();
  }

  #showPaused() {
    const isPaused = this.#state === "running" && this.#session.paused;
    $("pause").setAttribute("aria-pressed", isPaused);
    $("pause").querySelector("span").textContent = t(isPaused ? "resume" : "pause");
    $("pause").querySelector("use").setAttribute("href", isPaused ? "#i-play" : "#i-pause");
    if (isPaused) this.#tellSigning("paused");
    else if ($("signing").dataset.is === "paused") this.#tellSigning("watching");
  }

  #frame(frame) {
    const video = $("video");
    this.#drawOver(frame.joints, video);
    const seconds = performance.now() / 1000;
    if (seconds - this.#light.seconds > LIGHT_SECONDS) this.#light = { seconds, value: lightOf(video) };
    const live = this.#session.kind === "camera";
    const seen = { ...frame, seconds, live, light: this.#light.value };
    this.#tellHint(this.#watch.see(seen, this.#knowledge.skeleton.parts));
    document.documentElement.dataset.fps = this.#watch.fps.toFixed(1);
    if (this.#session.kind === "film" && Number.isFinite(video.duration)) {
      $("seek").value = (1000 * video.currentTime) / video.duration;
      $("film-time").textContent = `${clock(video.currentTime)} / ${clock(video.duration)}`;
    }
  }

  #drawOver(joints, video) {
    const overlay = $("overlay");
    const scale = Math.min(1, 960 / video.videoWidth);
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    if (overlay.width !== width || overlay.height !== height) Object.assign(overlay, { width, height });
    const pen = overlay.getContext("2d");
    pen.clearRect(0, 0, width, height);
    const solid = this.#isPressed("veil");
    drawFigure(pen, joints, this.#knowledge.skeleton, [0, 0, width / height, 1], { solid });
  }

  #events(events, isFilm) {
    for (const event of events) {
      if (event.predictions) showGuesses($("guesses"), event.predictions, this.#knowledge.words);
      if (event.kind === "start" || event.kind === "guess") this.#tellSigning("signing");
      if (event.kind === "rest" || event.kind === "sign") this.#tellSigning("watching");
      if (event.kind === "sign") this.#sign(event);
      if (event.kind === "unsure") this.#unsure(event);
      this.onPractice?.(event, isFilm);
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
    this.#tellSigning("paused");
    this.#showPaused();
    if (!hasWord && !$("guesses").children.length) this.#show(() => showMessage($("now"), t("filmNothing"), t("filmEnd")));
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

  #tellSigning(what) {
    const pill = $("signing");
    pill.hidden = this.#state !== "running";
    pill.dataset.is = what;
    $("signing-text").textContent = t(what);
  }

  #tellHint(name) {
    if (this.#hint === name) return;
    this.#hint = name;
    $("hint").textContent = name ? t(`hint.${name}`) : "";
    $("hint").dataset.is = name ?? "";
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
    await this.#transcript.copy().then(() => (label.textContent = t("copied")), () => {});
    setTimeout(() => (label.textContent = t("copy")), 2000);
  }

  #translate() {
    if (this.#problem) {
      const { title, text } = explain(this.#problem);
      $("problem-title").textContent = title;
      $("problem-text").textContent = text;
    }
    const megabytes = number(this.#engine.bytes / 1e6, { maximumFractionDigits: 0 });
    $("size-note").textContent = this.#engine.ready ? t("sizeKept") : t("sizeNote", megabytes);
    this.#lastShown();
    this.#showPaused();
    if (this.#hint) $("hint").textContent = t(`hint.${this.#hint}`);
    if ($("signing").dataset.is) $("signing-text").textContent = t($("signing").dataset.is);
  }
}
