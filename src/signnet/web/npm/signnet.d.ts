/** Landmarks: 553 joints a frame, x, y and z in picture heights; NaN or null where unseen. */
export type Landmarks = ArrayLike<number> | readonly (readonly (readonly (number | null)[])[])[];

/** A recorded sign whose landmarks are known already. */
export interface Clip {
  /** [time, 553, 3], flat or nested. */
  landmarks: Landmarks;
  /** Frames a second; 30 is assumed if neither this nor `times` is given. */
  fps?: number;
  /** Seconds of each frame, rising; the frames are then put at a constant rate. */
  times?: readonly number[];
  /** Name of the clip in answers. */
  name?: string;
}

/** A film: a file, its address, or a video element that shows one. All of it is one sign. */
export type Film = Blob | string | URL | HTMLVideoElement;

export type Hand = "left" | "right" | "both";

export interface Prediction {
  gloss: string;
  probability: number;
}

/** What `signnet predict --json` prints for a clip. */
export interface Answer {
  /** Name of the film or clip. */
  file: string;
  /** Frames of the clip. */
  frames: number;
  /** The five most probable glosses, best first. */
  predictions: Prediction[];
  /** Whether the best gloss is too improbable to rely on, or no hand was seen. */
  abstained: boolean;
  /** Always null: the face is not read in browsers. */
  expression: null;
  /** Which of the signer's hands made the sign; null if no hand was seen. */
  hand: Hand | null;
  /** Time that the recognition took, without the tracking of a film. */
  seconds: number;
}

/** Something that happened in a stream; times in seconds of the stream. */
export interface SignEvent {
  /**
   * The hands begin to move; the model guesses; a sign is over, recognised or not; the hands
   * rest.
   */
  kind: "start" | "guess" | "sign" | "unsure" | "rest";
  /** Time at which the event was known. */
  time: number;
  /** The recognised sign; null unless the kind is `sign`. */
  gloss: string | null;
  /** Start and end of the sign; null unless the kind is `sign` or `unsure`. */
  start: number | null;
  end: number | null;
  /** Probability of the gloss. */
  probability: number | null;
  hand: Hand | null;
  /** The five best, best first, for `guess`, `sign` and `unsure`; otherwise empty. */
  predictions: Prediction[];
}

/** A word with its reading in Latin letters and its meaning in English, as far as known. */
export interface Word {
  readonly gloss: string;
  readonly transliteration?: string;
  readonly english?: string;
}

/** A clip that the model has seen: it can be taught, compared and looked up. */
export interface SeenClip extends Clip {
  /** [time, 553, 3]; NaN where unseen. */
  readonly landmarks: Float32Array;
  readonly frames: number;
  readonly fps: number;
  readonly name: string;
  /** The five best, best first, with what was taught until then. */
  readonly predictions: readonly Prediction[];
  /** The same by the model as it came. */
  readonly ownPredictions: readonly Prediction[];
  /** Where the sign lies among all signs; missing if the model cannot be taught. */
  readonly embedding?: Float32Array;
}

/** What makes a clip unfit to teach: it looks like another gloss, or unlike the other clips. */
export interface Doubt {
  kind: "another" | "unlike";
  /** Index of the clip. */
  clip: number;
  /** The other gloss. */
  gloss?: string;
}

/** One picture's landmarks, [553, 3]. */
export interface Frame {
  seconds: number;
  landmarks: ArrayLike<number>;
}

/** What keeps signs from being recognised, and has lasted for a while. */
export type Obstacle = "dark" | "nobody" | "several" | "noHands" | "slow";

/** A frame of a camera or a film. */
export interface WatchedFrame extends Frame {
  landmarks: Float32Array;
  obstacle: Obstacle | null;
}

export interface StreamOptions {
  /** Shows the camera or the film; by default nothing is shown. */
  video?: HTMLVideoElement;
  /** Ends the stream, after a sign that has begun. */
  signal?: AbortSignal;
  /** Take each movement as one sign, however long, so that its clip can be taught. */
  recording?: boolean;
  /** Called with each picture's landmarks. */
  onFrame?: (frame: WatchedFrame) => void;
}

/**
 * A camera or a film while it is watched. A `for await` loop gives its events, and leaving
 * the loop closes it. At a film's end the loop ends; in a `video` of yours the film stays until
 * `close`, and after `resume` a new loop gives the events of playing it again. Seeking is
 * followed.
 */
export interface SignStream extends AsyncIterable<SignEvent> {
  readonly kind: "camera" | "film";
  readonly isPaused: boolean;
  /** Whether a film is at its end. */
  readonly isEnded: boolean;
  /** Pictures a second, lately; Infinity until there are three. */
  readonly fps: number;
  /**
   * Start now, and not when a loop asks for events: the camera or film is shown in `video` at
   * once, while what the model needs is still loaded. Gives the id of the camera, or how long
   * the film is and whether all of it is taken as one sign.
   *
   * @throws {Problem} superseded, if it was closed or paused meanwhile; and as `Model.stream`
   */
  open(): Promise<{ device?: string; seconds?: number; isShort?: boolean }>;
  /** Pause, which turns a camera off; a sign that has begun ends. */
  pause(): Promise<void>;
  /** Go on, which turns the camera on again; after a film's end, play it again. */
  resume(): Promise<void>;
  /** Drop a sign that has begun, because the model has learnt or something else is asked. */
  restart(): void;
  /** From now on take each movement as one sign, or no longer, see StreamOptions. */
  record(isRecording: boolean): void;
  /** Turn the camera off, or let go of the film, and of the tracker. */
  close(): Promise<void>;
}

/** A word that was taught, with its clips. */
export interface TaughtWord extends Word {
  readonly clips: readonly TaughtClip[];
}

export interface TaughtClip {
  readonly name: string;
  /** Day of recording, such as 2026-01-31. */
  readonly added: string | null;
  /** A few frames of it, see `motionOf`. */
  readonly skeleton: object | null;
}

/** What was taught, for pages that list it; `Model` teaches, forgets, saves and restores. */
export interface TaughtWords {
  /** What was taught on this device, in addition to the model's folder. */
  readonly words: readonly TaughtWord[];
  /** Glosses of the model that are no longer answered. */
  readonly forgotten: readonly string[];
  /** Whether the last change will outlast this visit. */
  readonly isStored: boolean;
  /** Glosses in this browser that were taught to another model, and cannot be used. */
  readonly stranded: readonly string[];
  /** How many words are answered without what was taught on this device. */
  readonly givenCount: number;
  /** All of it as it is now, so that a change can be undone. */
  readonly state: object;
  /** Go back to an earlier `state`. */
  restore(state: object): Promise<void>;
  /** Give a gloss back what it had in an earlier `state`; other words stay as they are. */
  putBack(gloss: string, state: object): Promise<void>;
  /** Answer a forgotten gloss of the model again. */
  remember(gloss: string): Promise<void>;
  /** All clips of a gloss, those of the model's folder first, the latest last. */
  clipsOf(gloss: string): readonly TaughtClip[];
  /** Call a function now and after each change. */
  onChange(listener: () => void): void;
  /** Key under which a page may store something of its own about this model. */
  keyOf(what: string): string;
}

/** A moving figure's frames, [553, 3] each. */
export interface Motion {
  readonly fps: number;
  readonly frames: readonly Float32Array[];
}

/** The parts of the 553 joints, and the pairs to draw a line between. */
export interface Skeleton {
  readonly parts: Readonly<Record<"pose" | "left_hand" | "right_hand" | "face", number[]>>;
  readonly bones: readonly (readonly number[])[];
}

export interface TeachOptions {
  /** The word in Latin letters, and in English. */
  transliteration?: string;
  english?: string;
  /** Teach clips that look like another word, or unlike each other, as well. */
  despiteDoubts?: boolean;
}

export interface LoadOptions {
  /** Addresses of MediaPipe's pose and hand landmarker, for a folder without them. */
  landmarkers?: { pose: string; hands: string };
  /** Called while large files are loaded, with bytes. */
  onProgress?: (done: number, total: number) => void;
  /**
   * Keep what is taught in this browser's storage, beside what the folder holds. By default
   * it is kept in memory only.
   */
  keep?: boolean;
}

/**
 * Open the model in a folder that `signnet site` or `signnet export` wrote.
 *
 * @param address of the folder, relative to the page
 * @throws {Problem} network, missing or damaged
 */
export function load(address: string | URL, options?: LoadOptions): Promise<Model>;

/** A model that recognises signs and can be taught; made by `load`. */
export class Model {
  private constructor();
  /** What is known about the model: `name`, `created`, `metrics` and more, as in model.json. */
  readonly card: { readonly name: string; readonly [key: string]: unknown };
  /** The glosses that the model knows now. */
  readonly vocabulary: string[];
  /** The same with readings and meanings; teaching changes this very list. */
  readonly words: readonly Word[];
  /** What the model knew before anything was taught. */
  readonly ownWords: readonly Word[];
  readonly canBeTaught: boolean;
  /** What was taught; null if the model cannot be taught. */
  readonly taught: TaughtWords | null;
  /** What `Player` and `drawFigure` need. */
  readonly skeleton: Skeleton;
  /** Packed bytes that a first visit loads. */
  readonly bytes: number;

  /** Count the bytes that are not stored on this device yet. */
  missingBytes(): Promise<number>;

  /** Load and start everything now, and not when it is first needed. */
  open(onProgress?: (done: number, total: number) => void): Promise<void>;

  /**
   * Stop what runs and free its memory; the next call starts it again. Calls that wait for
   * what is stopped fail with modelFailed or trackerFailed.
   */
  close(): void;

  /**
   * Name the sign in a film or a clip. Films wait for one another.
   *
   * @throws {Problem} badLandmarks, notVideo, noTracker, busy while a stream has the tracker
   */
  recognise(source: Film | Clip | Landmarks): Promise<Answer>;

  /**
   * Find signs as they are made, before a camera, in a film or in frames of landmarks.
   * Leaving the loop turns the camera off.
   *
   * @param source a camera's device id, a stream of it, a film, or frames; by default, or if
   *   the camera of that id is gone, the camera that faces the user
   * @throws {Problem} insecure, refused, noCamera, cameraBusy, cameraLost
   */
  stream(source?: string | MediaStream | Blob | null, options?: StreamOptions): SignStream;
  stream(
    frames: Iterable<Frame> | AsyncIterable<Frame>,
    options?: Pick<StreamOptions, "signal" | "recording"> & { onFrame?: (frame: Frame) => void },
  ): AsyncGenerator<SignEvent, void, undefined>;

  /**
   * Give the clip that a `sign` or `unsure` event was decided by, to teach it if it was
   * mistaken, or to look it up; null for other events.
   */
  clipOf(event: SignEvent): SeenClip | null;

  /**
   * See the sign in a film or a clip, to compare it, to look it up, or to teach it later.
   *
   * @throws {Problem} noHand, and as `recognise`
   */
  see(source: Film | Clip | Landmarks): Promise<SeenClip>;

  /**
   * Find the words nearest to a clip in the gallery of `signnet site --clips`, without those
   * of the vocabulary; none if the site has no gallery.
   */
  nearest(clip: SeenClip, count?: number): Promise<{ gloss: string; motion: Motion }[]>;

  /** Find how a gloss is signed: the site's motion of it, or a taught clip; null if unknown. */
  motion(gloss: string): Promise<Motion | null>;

  /** Find what speaks against teaching clips as a gloss. */
  doubts(gloss: string, clips: readonly SeenClip[]): Doubt[];

  /**
   * Teach a new word, or your way of signing a known one, from one to five clips. The model
   * itself is changed.
   *
   * @throws {Problem} notTeachable, noGloss, noClips, noHand, doubtful (with `doubts`), tooMany
   */
  teach(
    gloss: string,
    clips: Film | Clip | readonly (Film | Clip)[],
    options?: TeachOptions,
  ): Promise<void>;

  /**
   * Forget what was taught of a gloss; once more, or for one that was not taught, the gloss
   * is no longer answered.
   *
   * @throws {Problem} unknownGloss, givenGloss, lastGloss
   */
  forget(gloss: string): Promise<void>;

  /** Give what was taught as the text of taught.json, which belongs beside a model.onnx. */
  save(): string;

  /**
   * Add what `save`, the page or the command line wrote; gives the number of its words.
   *
   * @throws {Problem} notTaughtFile, otherModel, damagedTaughtFile, tooLarge, tooMany
   */
  restore(file: Blob | string): Promise<number>;
}

/** Something that went wrong; `message` is one line for developers. */
export class Problem extends Error {
  private constructor();
  /** What it was, such as "refused". */
  readonly code: string;
  /** What speaks against teaching, where the code is "doubtful". */
  readonly doubts?: Doubt[];
}

/** Plays a motion as a moving figure on a canvas, in a loop. */
export class Player {
  constructor(canvas: HTMLCanvasElement, skeleton: Skeleton);
  /** At first true, unless the reader asked the system for less motion. */
  isPlaying: boolean;
  /** 1 is the motion's own. */
  speed: number;
  isMirrored: boolean;
  /** Show a motion from its beginning, or still in its middle; null leaves it empty. */
  show(motion: Motion | null): void;
  stop(): void;
}

/** Give the motion of a clip, seen or taught; null if it has no figure. */
export function motionOf(clip: SeenClip | TaughtClip): Motion | null;

/**
 * Draw the joints of one frame, in the colours that the canvas's style says in `--left`,
 * `--right`, `--limb`, `--body` and `--face`.
 *
 * @param box left, top, width and height of the part to show, in picture heights
 * @param options `isSolid` fills the trunk and draws the head
 */
export function drawFigure(
  pen: CanvasRenderingContext2D,
  joints: ArrayLike<number>,
  skeleton: Skeleton,
  box: readonly [number, number, number, number],
  options?: { isSolid?: boolean },
): void;

/** Read the colours of figures anew, because the page's style has changed. */
export function forgetColours(): void;

/** Write a word as it is stored: in NFC, with single spaces, of at most 60 characters. */
export function cleanWord(word: Word): Required<Word>;

/** Write numbers as signnet's files hold them: base64 of little-endian values. */
export function encodeNumbers(values: ArrayLike<number>, kind: "Float32" | "Int16"): string;
