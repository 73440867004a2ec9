// The recorded clips of a sign, each as a moving figure with a button that removes it.
import { motionOf, Player } from "../engine/index.js";
import { number, t } from "../text/i18n.js";
import { make } from "../text/gloss.js";

export class ClipList {
  #list;
  #skeleton;
  #onRemove;
  #players = [];

  /**
   * @param {HTMLElement} list
   * @param {Object} skeleton the content of skeleton.json
   * @param {(index: number) => void} onRemove called when a clip is to be removed
   */
  constructor(list, skeleton, onRemove) {
    this.#list = list;
    this.#skeleton = skeleton;
    this.#onRemove = onRemove;
  }

  /** Show clips (see SeenClip) in place of those before. */
  show(clips) {
    this.stop();
    const items = clips.map((_, index) => this.#makeItem(index));
    this.#list.replaceChildren(...items);
    this.#players = items.map(({ firstElementChild: figure }, index) =>
      this.#play(figure, clips[index]),
    );
  }

  stop() {
    for (const player of this.#players) player.stop();
    this.#players = [];
  }

  /** Write the texts in the language; while more is recorded, nothing can be removed. */
  translate(isBusy) {
    for (const [index, { children }] of [...this.#list.children].entries()) {
      const [figure, remove] = children;
      figure.setAttribute("aria-label", t("teachClip", number(index + 1)));
      remove.textContent = t("teachRemove");
      remove.setAttribute("aria-label", t("teachRemoveLabel", number(index + 1)));
      remove.disabled = isBusy;
    }
  }

  #makeItem(index) {
    const item = document.createElement("li");
    const figure = make("canvas", "figure", "");
    figure.setAttribute("role", "button");
    figure.tabIndex = 0;
    const remove = Object.assign(make("button", "quiet", ""), { type: "button" });
    remove.addEventListener("click", () => this.#onRemove(index));
    item.append(figure, remove);
    return item;
  }

  #play(figure, clip) {
    const player = new Player(figure, this.#skeleton);
    player.isMirrored = true; // like the signer's own picture
    const play = (isPlaying) => {
      player.isPlaying = isPlaying;
      figure.setAttribute("aria-pressed", isPlaying);
    };
    play(player.isPlaying);
    figure.addEventListener("click", () => play(!player.isPlaying));
    figure.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      play(!player.isPlaying);
    });
    player.show(motionOf(clip));
    return player;
  }
}
