// The clips that were taken of a sign, each as a figure that moves and may be taken out.
import { number, t } from "../text/i18n.js";
import { Player } from "../figure/player.js";

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Takes {
  #list;
  #skeleton;
  #takeOut;
  #players = [];

  /**
   * @param {HTMLElement} list
   * @param {Object} skeleton
   * @param {(place: number) => void} takeOut called when a clip is to be taken out
   */
  constructor(list, skeleton, takeOut) {
    this.#list = list;
    this.#skeleton = skeleton;
    this.#takeOut = takeOut;
  }

  /** Show clips that the engine kept, in place of those before. */
  show(clips) {
    this.stop();
    const items = clips.map((_, place) => this.#entry(place));
    this.#list.replaceChildren(...items);
    this.#players = items.map(({ firstElementChild: figure }, place) =>
      this.#play(figure, clips[place]),
    );
  }

  stop() {
    for (const player of this.#players) player.stop();
    this.#players = [];
  }

  /** Put the language in; while more is recorded nothing is taken out. */
  translate(isBusy) {
    for (const [
      place,
      {
        children: [figure, out],
      },
    ] of [...this.#list.children].entries()) {
      figure.setAttribute("aria-label", t("teachClip", number(place + 1)));
      out.textContent = t("teachOut");
      out.setAttribute("aria-label", t("teachOutLabel", number(place + 1)));
      out.disabled = isBusy;
    }
  }

  #entry(place) {
    const item = document.createElement("li");
    const figure = Object.assign(document.createElement("canvas"), { className: "figure" });
    figure.setAttribute("role", "img");
    const out = Object.assign(document.createElement("button"), {
      type: "button",
      className: "quiet",
    });
    out.addEventListener("click", () => this.#takeOut(place));
    item.append(figure, out);
    return item;
  }

  #play(figure, clip) {
    const player = new Player(figure, this.#skeleton);
    player.mirrored = true; // like the signer's own picture
    player.playing = !isCalm();
    figure.addEventListener("click", () => (player.playing = !player.playing));
    player.show(motionOf(clip));
    return player;
  }
}

/** Give the frames in which something was seen, to be played as fast as they were. */
function motionOf({ landmarks, frames, rate }) {
  const width = landmarks.length / frames;
  const all = Array.from({ length: frames }, (_, place) =>
    landmarks.subarray(place * width, (place + 1) * width),
  );
  const seen = all.filter((joints) => joints.some(Number.isFinite));
  const shown = seen.length > 1 ? seen : [...seen, ...seen]; // a motion has two frames at least
  return { frames: shown, fps: (rate * seen.length) / frames };
}
