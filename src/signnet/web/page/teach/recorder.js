// Recording clips of a sign: the hands that pressed the button go down, then each movement
// before the camera is a clip. A film that is opened meanwhile is a clip too.

export const COUNTDOWN = 3000; // milliseconds to lower the hands

export class Recorder {
  #live;
  #clipOf;
  #listeners;
  #timer = 0;
  #hasClip = false; // whether the latest movement became a clip
  /** "idle", "starting", "countdown" or "recording". */
  state = "idle";

  /**
   * @param {{ensureCamera: () => Promise<boolean>, restartStream: () => void}} live
   * @param {{clipOf: (event: Object) => Object}} model
   * @param {{onState: () => void, onClip: (clip: Object) => void, onRefused: () => void,
   *   wantsFilm: () => boolean}} listeners the state changed; a clip was recorded (see
   *   SeenClip), or a movement was none; whether a film is taken while idle
   */
  constructor(live, model, listeners) {
    this.#live = live;
    this.#clipOf = (event) => model.clipOf(event);
    this.#listeners = listeners;
  }

  /**
   * Have the camera run, wait until the hands can be down, and record until `stop`.
   *
   * @param {number} [wait] milliseconds; less for a signer whose hands pressed no button
   */
  async start(wait = COUNTDOWN) {
    this.#enter("starting");
    if (!(await this.#live.ensureCamera())) return this.stop();
    if (this.state !== "starting") return;
    this.#enter("countdown");
    this.#timer = setTimeout(() => {
      this.#live.restartStream(); // what moved until now is no clip
      this.#enter("recording");
    }, wait);
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.state !== "idle") this.#enter("idle");
  }

  /** Take an event of the stream; when it is interrupted, hands press buttons. */
  onEvent(event, isFilm) {
    const { kind } = event;
    if (kind === "interrupted") return this.stop();
    const isFilmed = isFilm && this.state === "idle" && this.#listeners.wantsFilm();
    if (this.state !== "recording" && !isFilmed) return;
    if (kind === "start") this.#hasClip = false;
    if (kind === "sign" || kind === "unsure") {
      this.#hasClip = true;
      this.#listeners.onClip(this.#clipOf(event));
    } else if ((kind === "rest" || kind === "end") && !this.#hasClip) this.#listeners.onRefused();
  }

  #enter(state) {
    this.state = state;
    this.#listeners.onState();
  }
}
