// The stage: its cards, the picture with what is drawn over it, and its short messages.
import { drawFigure } from "../engine/index.js";
import { explain, megabytes, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);
const CARDS = ["welcome", "loading", "problem"];
const WIDEST = 960; // pixels of the overlay
const HOPELESS = ["noWasm", "oldBrowser", "insecure"]; // trying again does not help
const STILL = ["paused", "cameraOff", "ended"];
const FILE_PROBLEMS = ["notVideo", "soundOnly"];
const NO_FILM = ["noWasm", "oldBrowser", "network", "damaged", "missing"]; // a film fails too

export class Stage {
  #skeleton;
  #hint = null;
  #activity = "watching";
  state = "welcome";
  problem = null;

  /** @param {Object} skeleton the content of skeleton.json */
  constructor(skeleton) {
    this.#skeleton = skeleton;
  }

  /** Show a card ("welcome", "loading", "problem") or the picture ("running"). */
  enter(state, source) {
    this.state = state;
    this.problem = null;
    $("stage").dataset.state = state;
    $("stage").dataset.source = source ?? "";
    for (const card of CARDS) $(card).hidden = card !== state;
    this.showHint(null);
    this.showActivity("watching");
  }

  /** Explain a problem by its code, and offer what still works. */
  explain(code) {
    this.problem = code;
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
    if (done >= total) this.showLoading("loadingStart");
    else $("loading-text").textContent = t("loadingBytes", megabytes(done), megabytes(total));
  }

  /** Say what is being done before the picture appears, by a key of the texts. */
  showLoading(key) {
    $("loading-text").textContent = t(key);
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
      $("problem-text").textContent = text;
    }
    if (this.#hint) $("hint").textContent = t(`hint.${this.#hint}`);
    $("signing-text").textContent = t(this.#activity);
  }
}
