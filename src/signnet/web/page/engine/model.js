// A model that recognises signs in a browser, and is taught new ones: Model in Python.
import { loaderOf } from "../browser/loader.js";
import { Problem } from "../browser/problem.js";
import { readMotions } from "../figure/motions.js";
import { Engine } from "../recognise/engine.js";
import { signingHand } from "../recognise/hand.js";
import { doubtsOf } from "../recognise/teaching.js";
import { readFolder } from "./folder.js";
import { nearestOf, readGallery } from "./gallery.js";
import { cleanWord, clipOf } from "./lesson.js";
import { Naming } from "./naming.js";
import { SignStream } from "./signstream.js";
import { clipOfFilm, clipOfLandmarks, isFilm, jointsOf } from "./sources.js";
import { openTaught } from "./taught.js";
import { Turns } from "./turns.js";

/** Open the model in a folder; signnet.d.ts describes this and the class. */
export async function load(address, { landmarkers, onProgress, keep = false } = {}) {
  const folder = await readFolder(address, landmarkers);
  const { card, meanings, settings, skeleton, files } = folder;
  const words = card.vocabulary.map((gloss) => ({ gloss, ...meanings[gloss] }));
  const ownWords = [...words]; // teaching changes `words`
  const engine = new Engine(files, settings, skeleton.parts, card.embedding);
  const canBeTaught = card.embedding && folder.sha256;
  const taught = canBeTaught ? await openTaught(folder, words, engine, keep) : null;
  return new Model({ card, words, ownWords, skeleton, files, engine, taught }, onProgress);
}

export class Model {
  #engine;
  #files;
  #onProgress;
  #turns = new Turns(); // the tracker follows one source at a time
  #naming;
  #loadMotions;
  #loadGallery;

  constructor({ card, words, ownWords, skeleton, files, engine, taught }, onProgress = () => {}) {
    this.#engine = engine;
    this.#files = files;
    this.#naming = new Naming(engine, words, ownWords);
    this.#onProgress = onProgress;
    this.#loadMotions = files.motions && loaderOf(files.motions, readMotions);
    this.#loadGallery = files.gallery && loaderOf(files.gallery, readGallery);
    this.card = card;
    this.words = words;
    this.ownWords = ownWords;
    this.skeleton = skeleton;
    this.taught = taught;
  }

  get vocabulary() {
    return this.words.map(({ gloss }) => gloss);
  }

  get canBeTaught() {
    return this.taught !== null;
  }

  get bytes() {
    return this.#engine.bytes;
  }

  missingBytes() {
    return this.#engine.missingBytes();
  }

  open(onProgress = this.#onProgress) {
    return this.#engine.open(onProgress, this.#hasTracker);
  }

  close() {
    this.#engine.close();
  }

  async recognise(source) {
    const clip = await this.#read(source);
    const { file, frames, showsHand } = clip;
    const started = performance.now();
    const hand = signingHand(clip.landmarks, this.#engine.settings, clip.rate);
    const { predictions } = await this.#classify(clip);
    if (!predictions.length)
      throw new Problem("noWords", `${this.card.name} knows no word yet; teach it some`);
    return {
      file,
      frames,
      predictions,
      abstained: predictions[0].probability < this.#engine.abstainBelow || !showsHand,
      expression: null,
      hand,
      seconds: (performance.now() - started) / 1000,
    };
  }

  async see(source) {
    if (this.#naming.isKnown(source)) return source;
    const clip = await this.#read(source);
    if (!clip.showsHand) throw new Problem("noHand", `${clip.file} shows no hand; record it again`);
    return this.#classify(clip);
  }

  stream(source = null, options = {}) {
    const isFrames = source?.[Symbol.asyncIterator] || source?.[Symbol.iterator];
    if (isFrames && typeof source !== "string") return this.#eventsOf(source, options);
    const model = {
      engine: this.#engine,
      parts: this.skeleton.parts,
      take: () => this.#takeTurn(true),
      open: () => this.#engine.open(this.#onProgress),
      tell: (event) => this.#naming.tell(event),
    };
    return new SignStream(model, source, options);
  }

  clipOf(event) {
    return this.#naming.clipOf(event);
  }

  async motion(gloss) {
    const own = this.taught?.motionOf(gloss) ?? null;
    if (!this.#loadMotions || this.taught?.isNew(gloss)) return own;
    return (await this.#loadMotions())(gloss) ?? own;
  }

  async nearest({ embedding }, count = 5) {
    if (!embedding || !this.#loadGallery) return [];
    return nearestOf(await this.#loadGallery(), embedding, count, this.vocabulary);
  }

  doubts(gloss, clips) {
    const earlier = this.#teachable().clipsOf(gloss);
    const embeddings = earlier.map(({ embedding }) => embedding);
    return doubtsOf(clips, gloss, embeddings, this.card.embedding);
  }

  async teach(gloss, sources, { transliteration, english, despiteDoubts = false } = {}) {
    const taught = this.#teachable();
    const word = cleanWord({ gloss, transliteration, english });
    if (!word.gloss) throw new Problem("noGloss", "the word to teach is empty");
    const given = Array.isArray(sources) ? sources : [sources];
    if (!given.length) throw new Problem("noClips", `there is no clip of ${word.gloss} to teach`);
    const clips = [];
    for (const source of given) clips.push(await this.see(source));
    const doubts = despiteDoubts ? [] : this.doubts(word.gloss, clips);
    if (doubts.length) throw doubtful(doubts, clips, word.gloss);
    await taught.add(word, clips.map(clipOf));
  }

  async forget(gloss) {
    const taught = this.#teachable();
    const { gloss: text } = cleanWord({ gloss });
    if (!this.vocabulary.includes(text))
      throw new Problem("unknownGloss", `the model does not know ${text}; nothing to forget`);
    if (taught.words.some((word) => word.gloss === text)) return taught.forget(text);
    if (taught.clipsOf(text).length)
      throw new Problem("givenGloss", `${text} belongs to the model's folder`);
    if (this.words.length < 3)
      throw new Problem("lastGloss", `without ${text} one gloss is left; two are needed`);
    return taught.drop(text);
  }

  save() {
    return this.#teachable().exportText();
  }

  restore(file) {
    return this.#teachable().importFile(typeof file === "string" ? new Blob([file]) : file);
  }

  get #hasTracker() {
    return Boolean(this.#files.pose && this.#files.hands);
  }

  #teachable() {
    if (this.taught) return this.taught;
    throw new Problem("notTeachable", `${this.card.name} cannot be taught`);
  }

  /** Read a film or landmarks; what that needs is opened first. */
  async #read(source) {
    const { parts } = this.skeleton;
    if (!isFilm(source)) {
      const clip = clipOfLandmarks(source, parts);
      await this.#engine.open(this.#onProgress, false);
      return clip;
    }
    const turn = await this.#takeTurn();
    try {
      await this.#engine.open(this.#onProgress);
      return await clipOfFilm(source, this.#engine, parts);
    } finally {
      turn.end();
    }
  }

  /** Wait for the turn with a tracker that can be opened; see Turns. */
  async #takeTurn(isStream = false) {
    if (!this.#hasTracker)
      throw new Problem(
        "noTracker",
        "this folder has no landmark models: make one with `signnet site`, or give `landmarkers`",
      );
    this.#engine.check();
    const turn = await this.#turns.take();
    this.#turns.isStreaming = isStream;
    return turn;
  }

  async #classify({ file, landmarks, count, rate }) {
    return this.#naming.know(await this.#engine.see(landmarks, count, rate), file);
  }

  /** Give the events of frames {seconds, landmarks} that come one by one. */
  async *#eventsOf(frames, { signal, onFrame = () => {}, recording }) {
    await this.#engine.open(this.#onProgress, false);
    const stream = this.#engine.stream(recording);
    const told = (events) => events.map((event) => this.#naming.tell(event));
    for await (const frame of frames) {
      if (signal?.aborted) break;
      const joints = jointsOf(frame);
      onFrame({ seconds: frame.seconds, landmarks: joints });
      yield* told(await stream.push(frame.seconds, joints));
    }
    yield* told(await stream.flush());
  }
}

function doubtful(doubts, clips, gloss) {
  const reasons = doubts.map(({ kind, clip, gloss: other }) =>
    kind === "another"
      ? `${clips[clip].name} (${gloss}) looks like ${other}`
      : `${clips[clip].name} (${gloss}) is unlike the other clips`,
  );
  const help = "leave them out, or teach them with despiteDoubts";
  return Object.assign(new Problem("doubtful", `${reasons.join("; ")}; ${help}`), { doubts });
}
