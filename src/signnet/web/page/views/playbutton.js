// The button that starts and stops a figure.
import { t } from "../text/i18n.js";

/** Show on the button what a press does next. */
export function showPlaying(button, isPlaying) {
  button.setAttribute("aria-pressed", isPlaying);
  button.querySelector("use").setAttribute("href", isPlaying ? "#i-pause" : "#i-play");
  button.querySelector("span").textContent = t(isPlaying ? "motionPause" : "motionPlay");
}
