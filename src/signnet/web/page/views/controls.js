// The controls of the stage: buttons, switches, the cameras to choose from, a film's position.
import { forgetColours } from "../engine/index.js";
import { recall, remember } from "../parts/device.js";
import { number, t, withDigits } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);
const SWITCHES = { mirror: true, veil: false, speak: false }; // on at the first visit

export class Controls {
  #onFilm;
  #sourceOf;

  /**
   * @param {Object<string, () => void>} actions what the page's other buttons do
   *   (data-action)
   * @param {{onFilm: (file: File) => void, onCamera: (device: string) => void,
   *   onSwitch: (name: string, isOn: boolean) => void}} listeners a film or a camera was
   *   chosen, or a switch was turned
   * @param {() => "camera"|"film"|null} sourceOf gives what is running
   */
  constructor(actions, { onFilm, onCamera, onSwitch }, sourceOf) {
    this.#onFilm = onFilm;
    this.#sourceOf = sourceOf;
    for (const button of document.querySelectorAll("[data-action]")) {
      const { action } = button.dataset;
      const turn = () => onSwitch(action, this.#turn(action));
      button.addEventListener("click", action in SWITCHES ? turn : actions[action]);
    }
    for (const [name, isOn] of Object.entries(SWITCHES))
      this.#set(name, recall(`signnet ${name}`) ?? isOn);
    $("file").addEventListener("change", () => this.#fileChosen());
    $("cameras").addEventListener("change", () => onCamera($("cameras").value));
    $("seek").addEventListener("change", () => {
      $("video").currentTime = ($("seek").value / 1000) * $("video").duration;
    });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.showCameras());
    this.#acceptDrops();
  }

  /** Let the user choose a film. */
  chooseFilm() {
    $("file").click();
  }

  #fileChosen() {
    const [file] = $("file").files;
    $("file").value = "";
    if (file) this.#onFilm(file);
  }

  #acceptDrops() {
    const stage = $("stage");
    stage.addEventListener("dragover", (event) => event.preventDefault());
    stage.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.#onFilm(file);
    });
  }

  /** Tell whether a switch is on: "mirror", "veil" or "speak". */
  isOn(name) {
    return $(name).getAttribute("aria-pressed") === "true";
  }

  #turn(name) {
    const isOn = !this.isOn(name);
    this.#set(name, isOn);
    remember(`signnet ${name}`, isOn);
    return isOn;
  }

  #set(name, isOn) {
    $(name).setAttribute("aria-pressed", isOn);
    $("stage").classList.toggle(name, isOn);
    forgetColours();
  }

  /** Show the controls that apply to what is running. */
  enter(isRunning) {
    const source = this.#sourceOf();
    const [isCamera, isFilm] = [source === "camera", source === "film"];
    $("controls").hidden = !isRunning;
    $("mirror").hidden = !isCamera;
    $("to-camera").hidden = !isFilm;
    if (!isFilm) $("seek-row").hidden = true;
    if (!isCamera) $("camera-choice").hidden = true;
  }

  /** List the cameras; `device` is the id of the one in use. */
  async showCameras(device = $("cameras").value) {
    const cameras = await listCameras();
    const nameOf = ({ label }, index) => label || t("camera", number(index + 1));
    const options = cameras.map((one, index) => new Option(nameOf(one, index), one.deviceId));
    $("cameras").replaceChildren(...options);
    $("cameras").value = device;
    $("camera-choice").hidden = this.#sourceOf() !== "camera" || cameras.length < 2;
  }

  /** Offer to choose a position in a film of a known length. */
  showSeekBar({ seconds, isShort }) {
    $("seek-row").hidden = isShort || !Number.isFinite(seconds);
  }

  /** Show a film's position. */
  showPosition({ currentTime, duration }) {
    if (!Number.isFinite(duration)) return;
    $("seek").value = (1000 * currentTime) / duration;
    const times = [currentTime, duration].map((seconds) => withDigits(formatClock(seconds)));
    $("film-time").textContent = times.join(" / ");
  }

  /** Show what the pause button does next: "pause", "resume" or "replay". */
  showPause(next) {
    const button = $("pause");
    const isPaused = next !== "pause";
    button.setAttribute("aria-pressed", isPaused);
    button.querySelector("span").textContent = t(next);
    button.querySelector("use").setAttribute("href", isPaused ? "#i-play" : "#i-pause");
  }
}

/** List the cameras as MediaDeviceInfo; their labels are empty until a camera is allowed. */
async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind }) => kind === "videoinput");
}

/** Write seconds as 1:02:03 or 2:03; empty if they are not finite. */
function formatClock(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}
