// A session before the camera: one word after the other is asked for, recorded and kept.
import { COUNTDOWN, Recorder } from "../teach/recorder.js";
import { compact, nameOf } from "./keptclip.js";
import { FilmRecorder } from "./filming.js";
import { openPrompts, promptsOf, secondsLeft } from "./prompts.js";

export const PAUSE = 1000; // milliseconds between two signs: time to read the next word

export class Recording {
  #live;
  #video;
  #store;
  #onChange;
  #recorder;
  #film = new FilmRecorder();
  #session = null;
  #recorded = new Set(); // keys of the prompts that have a clip
  #chosen = null; // a prompt to record again, before the open ones
  #isKeeping = false;
  #isRefused = false; // whether the latest movement was no sign
  #wait = COUNTDOWN; // milliseconds of the latest countdown
  #asked = 0; // when the prompt was shown, in milliseconds
  #seconds = []; // that the latest signs took
  /** Whether one word is asked for after the other. */
  isRunning = false;
  /** The clip that was kept last. */
  last = null;
  /** What went wrong, or null. */
  problem = null;

  /**
   * @param {{live: Live, model: Model, store: Store, video: HTMLVideoElement}} page
   * @param {() => void} onChange called when anything here has changed
   */
  constructor({ live, model, store, video }, onChange) {
    this.#live = live;
    this.#video = video;
    this.#store = store;
    this.#onChange = onChange;
    this.#recorder = new Recorder(live, model, {
      onState: () => this.#follow(),
      onClip: (clip) => this.#take(clip),
      onRefused: () => this.#refuse(),
      wantsFilm: () => false,
    });
  }

  /** Go on with a session; see Store. */
  async open(session) {
    this.#recorded = new Set(await this.#store.keys(session.id));
    this.#session = session;
    this.#chosen = this.last = this.problem = null;
    this.#seconds = [];
    this.#onChange();
  }

  get session() {
    return this.#session;
  }

  /** The prompts that are asked for now and next; none when all is done. */
  get coming() {
    const open = openPrompts(this.#session, this.#recorded, 3);
    const others = open.filter(({ key }) => key !== this.#chosen?.key);
    return [this.#chosen, ...others].filter(Boolean).slice(0, 2);
  }

  /** All prompts: {gloss, repetition, key, isRecorded, isSkipped}. */
  get prompts() {
    const skipped = new Set(this.#session.skipped);
    return promptsOf(this.#session).map((prompt) => ({
      ...prompt,
      isRecorded: this.#recorded.has(prompt.key),
      isSkipped: skipped.has(prompt.key),
    }));
  }

  /** How far it is: prompts that are recorded, all but the skipped, and seconds left. */
  get progress() {
    const done = this.#recorded.size;
    const open = openPrompts(this.#session, this.#recorded).length;
    return { done, all: done + open, seconds: secondsLeft(open, this.#seconds) };
  }

  /** What the signer has to know: a key of the texts `collect.step`. */
  get step() {
    const { state } = this.#recorder;
    if (!this.coming.length) return "complete";
    if (state === "recording") return this.#isRefused ? "refused" : "sign";
    if (state === "countdown") return this.#wait === COUNTDOWN ? "ready" : "kept";
    if (state === "starting" || this.#isKeeping) return state === "starting" ? "starting" : "kept";
    return this.last && this.#session.waits ? "waiting" : "paused";
  }

  /** Whether the camera is not needed. */
  get isCalm() {
    return this.#recorder.state === "idle" && !this.#isKeeping;
  }

  onEvent(event, isFilm) {
    if (event.kind !== "interrupted") this.#recorder.onEvent(event, isFilm);
    else if (this.#recorder.state !== "idle") this.pause();
  }

  /** Start, or stop and turn the camera off. */
  toggle() {
    if (this.isRunning) this.pause();
    else this.#start(COUNTDOWN);
  }

  pause() {
    this.isRunning = false;
    this.#recorder.stop();
    this.#film.drop();
    this.#live.release();
    this.#onChange();
  }

  /** Record the last sign once more, or begin the present one anew. */
  again() {
    if (this.#isKeeping) return;
    if (this.last) this.#chosen = this.last;
    this.#restart();
  }

  /** Leave the present word out. */
  async skip() {
    const [prompt] = this.coming;
    if (!prompt || this.#isKeeping) return;
    if (!this.#chosen) await this.#leaveOut(prompt.key, true);
    this.#chosen = null;
    if (this.isRunning) this.#restart();
    else this.#onChange();
  }

  /** Let a prompt be recorded next, whether or not it has a clip. */
  async choose(prompt) {
    this.pause();
    await this.#leaveOut(prompt.key, false);
    this.#chosen = prompt;
    this.#onChange();
  }

  /** Delete the clip of a prompt, which is then not asked for again. */
  async drop({ key }) {
    this.pause();
    await this.#try(() => this.#store.deleteClip(this.#session.id, key));
    this.#recorded.delete(key);
    if (this.last?.key === key) this.last = null;
    if (this.#chosen?.key === key) this.#chosen = null;
    await this.#leaveOut(key, true);
    this.#onChange();
  }

  async #leaveOut(key, isLeft) {
    const skipped = new Set(this.#session.skipped);
    skipped[isLeft ? "add" : "delete"](key);
    await this.#save({ skipped: [...skipped] });
  }

  /** Keep changes of the session; it then differs from a file that was exported. */
  async #save(changes) {
    Object.assign(this.#session, changes, { exported: false });
    await this.#try(() => this.#store.putSession(this.#session));
  }

  #restart() {
    this.#recorder.stop();
    this.#start(COUNTDOWN);
  }

  /** Ask for a word; a signer whose hand pressed a key needs the longer wait. */
  async #start(wait) {
    if (!this.coming.length) return this.pause();
    [this.isRunning, this.#wait, this.problem] = [true, wait, null];
    if (wait === COUNTDOWN) this.#asked = performance.now();
    await this.#recorder.start(wait);
    if (this.#recorder.state === "idle") this.isRunning = false; // no camera
    this.#onChange();
  }

  #follow() {
    this.#isRefused = false;
    if (this.#recorder.state === "recording" && this.#session.consent.video)
      this.#film.start(this.#video);
    this.#onChange();
  }

  #refuse() {
    this.#isRefused = true;
    if (this.#session.consent.video) this.#film.start(this.#video);
    this.#onChange();
  }

  async #take(recorded) {
    const [prompt] = this.coming;
    const session = this.#session;
    this.#isKeeping = true;
    this.#recorder.stop();
    const { videoWidth, videoHeight } = this.#video; // before the camera may be lost
    const film = await this.#film.take();
    const { gloss, repetition, key } = prompt;
    const labels = { session: session.id, key, gloss, repetition, name: nameOf(session, prompt) };
    const facts = { recorded: new Date().toISOString(), aspect: videoWidth / videoHeight, film };
    await this.#keep({ ...labels, ...facts, ...compact(recorded) });
    this.#isKeeping = false;
    this.#goOn();
  }

  async #keep(clip) {
    await this.#try(() => this.#store.putClip(clip));
    if (this.problem) return;
    this.#recorded.add(clip.key);
    this.last = clip;
    this.#chosen = null;
    const now = performance.now();
    this.#seconds.push((now - this.#asked) / 1000);
    this.#asked = now;
    if (this.#session.exported) await this.#save({});
  }

  #goOn() {
    if (this.problem || !this.coming.length) return this.pause();
    if (this.isRunning && !this.#session.waits) return this.#start(PAUSE);
    this.isRunning = false;
    this.#onChange();
  }

  async #try(change) {
    await change().catch((error) => (this.problem = error));
  }
}
