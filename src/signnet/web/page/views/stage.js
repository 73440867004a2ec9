// The stage as it looks: its cards, what lies over the picture, and what is told there.
import { drawFigure } from "../figure/draw.js";
import { number, t } from "../text/i18n.js";
import { explain } from "./result.js";

const $ = (id) => document.getElementById(id);
const CARDS = ["welcome", "loading", "problem"];
const WIDEST = 960; // pixels of the overlay
const HOPELESS = ["noWasm", "oldBrowser", "insecure"]; // trying again does not help
const OF_FILE = ["notVideo", "soundOnly"];
const NO_FILM = ["noWasm", "oldBrowser", "network", "damaged", "missing"]; // a film fails too

export class Stage {
  #skeleton;
  #hint = null;
  #signing = "watching";
  state = "welcome";
  problem = null;

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
    this.tellHint(null);
    this.tellSigning("watching");
  }

  /** Say what cannot go on, and offer what still can. */
  explain(code) {
    this.problem = code;
    $("retry").hidden = HOPELESS.includes(code) || OF_FILE.includes(code);
    $("problem-words").hidden = !HOPELESS.includes(code);
    $("problem-film").hidden = NO_FILM.includes(code);
    this.translate();
  }

  /** Show how many bytes have been loaded. */
  progress(done, total) {
    const megabytes = (bytes) => number(bytes / 1e6, { maximumFractionDigits: 0 });
    const share = Math.round((100 * done) / total);
    $("progress").setAttribute("aria-valuenow", share);
    $("progress").firstElementChild.style.inlineSize = `${share}%`;
    if (done < total)
      $("loading-text").textContent = t("loadingBytes", megabytes(done), megabytes(total));
    else this.tellLoading("loadingStart");
  }

  tellLoading(key) {
    $("loading-text").textContent = t(key);
  }

  /** Take the shape of the picture. */
  fit() {
    const { videoWidth, videoHeight } = $("video");
    if (videoWidth)
      $("stage").style.setProperty("--shape", Math.max(0.8, videoWidth / videoHeight));
  }

  /** Draw joints over the picture; `solid` as a figure in its place. */
  draw(joints, solid) {
    const { videoWidth, videoHeight } = $("video");
    const overlay = $("overlay");
    const scale = Math.min(1, WIDEST / videoWidth);
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (overlay.width !== width || overlay.height !== height)
      Object.assign(overlay, { width, height });
    const pen = overlay.getContext("2d");
    pen.clearRect(0, 0, width, height);
    drawFigure(pen, joints, this.#skeleton, [0, 0, width / height, 1], { solid });
  }

  /** Say "watching", "signing", "paused" or "ended". */
  tellSigning(what) {
    this.#signing = what;
    $("signing").hidden = this.state !== "running";
    $("signing").dataset.is = what;
    $("signing-text").textContent = t(what);
  }

  /** After a pause, watch again. */
  goOn() {
    if (this.#signing === "paused" || this.#signing === "ended") this.tellSigning("watching");
  }

  /** Name an obstacle ("dark", "nobody", ...), or none. */
  tellHint(name) {
    if (this.#hint === name) return;
    this.#hint = name;
    $("hint").textContent = name ? t(`hint.${name}`) : "";
  }

  translate() {
    if (this.problem) {
      const { title, text } = explain(this.problem);
      $("problem-title").textContent = title;
      $("problem-text").textContent = text;
    }
    if (this.#hint) $("hint").textContent = t(`hint.${this.#hint}`);
    $("signing-text").textContent = t(this.#signing);
  }
}
