// Small figures in a list: drawn while they are visible, still until they are pointed at.
import { Player } from "../engine/index.js";

export class SmallFigures {
  #skeleton;
  #shown = new Map(); // {player, motion} by canvas
  #observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) this.#turn(target, isIntersecting);
  });

  /** @param {Object} skeleton the content of skeleton.json */
  constructor(skeleton) {
    this.#skeleton = skeleton;
  }

  /** Forget all figures, because the list is made anew. */
  clear() {
    this.#observer.disconnect();
    for (const { player } of this.#shown.values()) player.stop();
    this.#shown.clear();
  }

  /**
   * Make a figure that moves while an element is pointed at or has the focus.
   *
   * @param {{fps: number, frames: Float32Array[]}} motion see Player.show
   * @param {HTMLElement} element the item that the figure will stand in
   * @returns {HTMLCanvasElement}
   */
  make(motion, element) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    const player = new Player(canvas, this.#skeleton);
    const mayMove = player.isPlaying; // unless the reader asked the system for less motion
    player.isPlaying = false;
    player.isMirrored = true; // like the signer's own picture
    const play = (isPlaying) => (player.isPlaying = isPlaying && mayMove);
    for (const event of ["pointerenter", "focusin"])
      element.addEventListener(event, () => play(true));
    for (const event of ["pointerleave", "focusout"])
      element.addEventListener(event, () => play(false));
    this.#shown.set(canvas, { player, motion });
    this.#observer.observe(canvas);
    return canvas;
  }

  #turn(canvas, isVisible) {
    const { player, motion } = this.#shown.get(canvas) ?? {};
    if (isVisible) player?.show(motion);
    else player?.stop();
  }
}
