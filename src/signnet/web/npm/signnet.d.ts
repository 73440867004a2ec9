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

/** One picture's landmarks, [553, 3]. */
export interface Frame {
  seconds: number;
  landmarks: ArrayLike<number>;
}

export interface StreamOptions {
  /** Shows the camera or the film; by default nothing is shown. */
  video?: HTMLVideoElement;
  /** Ends the stream, after a sign that has begun. */
  signal?: AbortSignal;
  /** Called with each picture's landmarks. */
  onFrame?: (frame: Frame) => void;
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
  readonly canBeTaught: boolean;

  /** Load and start everything now, and not when it is first needed. */
  open(onProgress?: (done: number, total: number) => void): Promise<void>;

  /** Stop what runs and free its memory; the next call starts it again. */
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
   * @param source a camera's device id, a stream of it, a film, or frames; by default the
   *   camera that faces the user
   * @throws {Problem} insecure, refused, noCamera, cameraBusy, cameraLost
   */
  stream(
    source?: string | MediaStream | Blob | Iterable<Frame> | AsyncIterable<Frame> | null,
    options?: StreamOptions,
  ): AsyncGenerator<SignEvent, void, undefined>;

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
   * Add what `save`, the page or the command line wrote.
   *
   * @throws {Problem} notTaughtFile, otherModel, damagedTaughtFile, tooLarge, tooMany
   */
  restore(file: Blob | string): Promise<void>;
}

/** Something that went wrong; `message` is one line for developers. */
export class Problem extends Error {
  private constructor();
  /** What it was, such as "refused". */
  readonly code: string;
  /** What speaks against teaching, where the code is "doubtful". */
  readonly doubts?: { kind: "another" | "unlike"; clip: number; gloss?: string }[];
}
