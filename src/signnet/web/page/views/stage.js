// The stage: its cards, the picture with what is drawn over it, and its short messages.
import { drawFigure } from "../engine/index.js";
import { explain, megabytes, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);
const CARDS = { welcome: "welcome", loading: "loading", preview: "loading", problem: "problem" }; // by state
const PICTURES = ["preview", "running"]; // states in which the picture is shown
const WIDEST = 960; // pixels of the overlay
const HOPELESS = ["noWasm", "oldBrowser", "insecure"]; // trying again does not help
const STILL = ["paused", "cameraOff", "ended"];
const FILE_PROBLEMS = ["notVideo", "soundOnly"];
const BROKEN_OFF = ["cameraLost", "cameraBusy", "trackerFailed", "modelFailed", "unknown"]; // it may have run before
const NO_FILM = ["noWasm", "oldBrowser", "network", "damaged", "missing"]; // a film fails too

export class Stage {
  #skeleton;
  #hint = null;
  #activity = "watching";
  #progress = [0, 1]; // bytes that are loaded, of how many
  #isWaiting = false; // for the camera
  #hasTranscript = false;
  state = "welcome";
  problem = null;

  /** @param {Object} skeleton the content of skeleton.json */
  constructor(skeleton) {
    this.#skeleton = skeleton;
  }

  /** Whether something is being started. */
  get isLoading() {
    return CARDS[this.state] === "loading";
  }

  /**
   * Show a card ("welcome", "loading", "problem") or the picture ("running", or "preview" while
   * something is loaded).
   */
  enter(state, source) {
    this.state = state;
    this.problem = null;
    $("stage").dataset.state = state;
    $("stage").dataset.source = source ?? "";
    $("stage").toggleAttribute("data-picture", PICTURES.includes(state));
    for (const card of Object.values(CARDS)) $(card).hidden = card !== CARDS[state];
    this.#isWaiting = state === "loading" && source === "camera";
    this.#showLoading();
    this.showHint(null);
    this.showActivity("watching");
  }

  /** Explain a problem by its code, and offer what still works. */
  explain(code, hasTranscript) {
    this.problem = code;
    this.#hasTranscript = hasTranscript && BROKEN_OFF.includes(code);
    $("retry").hidden = HOPELESS.includes(code) || FILE_PROBLEMS.includes(code);
    $("problem-words").hidden = !HOPELESS.includes(code);
    $("problem-film").hidden = NO_FILM.includes(code);
    this.translate();
  }

  /** Show how many of all bytes are loaded. */
  showProgress(done, total) {
    const percent = Math.round((100 * done) / total);
    $("progress").setAttribute("aria-valuenow", percent);
    $("progress").firstElementChild.style.inlineSize = `${percent}%`;
    this.#progress = [done, total];
    this.#showLoading();
  }

  /** Say what is waited for. */
  #showLoading() {
    const [done, total] = this.#progress;
    const bytesOrStart = done < total ? "loadingBytes" : "loadingStart";
    const key = this.#isWaiting ? "loadingCamera" : bytesOrStart;
    $("loading-text").textContent = t(key, megabytes(done), megabytes(total));
  }

  /** Take the shape of the picture. */
  fitPicture() {
    const { videoWidth, videoHeight } = $("video");
    if (videoWidth)
      $("stage").style.setProperty("--shape", Math.max(0.8, videoWidth / videoHeight));
  }

  /** Draw joints [553, 3] over the picture; `isSolid` as a figure in its place. */
  draw(joints, isSolid) {
    const { videoWidth, videoHeight } = $("video");
    const overlay = $("overlay");
    const scale = Math.min(1, WIDEST / videoWidth);
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (overlay.width !== width || overlay.height !== height)
      Object.assign(overlay, { width, height });
    const pen = overlay.getContext("2d");
    pen.clearRect(0, 0, width, height);
    drawFigure(pen, joints, this.#skeleton, [0, 0, width / height, 1], { isSolid });
  }

  /** Show "watching", "signing", "paused", "cameraOff" or "ended". */
  showActivity(activity) {
    this.#activity = activity;
    $("signing").hidden = this.state !== "running";
    $("signing").dataset.is = activity;
    $("signing-text").textContent = t(activity);
  }

  /** Show "watching" again after a pause. */
  watchAgain() {
    if (STILL.includes(this.#activity)) this.showActivity("watching");
  }

  /** Show an obstacle by its name ("dark", "nobody", ...), or none. */
  showHint(name) {
    if (this.#hint === name) return;
    this.#hint = name;
    $("hint").dataset.is = name ?? "";
    $("hint").textContent = name ? t(`hint.${name}`) : "";
  }

  translate() {
    if (this.problem) {
      const { title, text } = explain(this.problem);
      $("problem-title").textContent = title;
      $("problem-text").textContent = this.#hasTranscript ? `${text} ${t("transcriptKept")}` : text;
    }
    if (this.#hint) $("hint").textContent = t(`hint.${this.#hint}`);
    $("signing-text").textContent = t(this.#activity);
    this.#showLoading();
  }
}
