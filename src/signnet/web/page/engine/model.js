// A model that recognises signs in a browser, and is taught new ones: Model in Python.
import { Problem } from "../browser/problem.js";
import { signingHand } from "../recognise/hand.js";
import { Engine } from "../recognise/engine.js";
import { bestOf } from "../recognise/stream.js";
import { doubtsOf } from "../recognise/teaching.js";
import { cleanWord, clipOf } from "../teach/lesson.js";
import { loadGiven, TaughtWords } from "../teach/taught.js";
import { readFolder } from "./folder.js";
import { clipOfFilm, clipOfLandmarks, isFilm } from "./sources.js";
import { eventsOfFrames, eventsOfVideo } from "./watch.js";

const WORKER_FAULTS = ["trackerFailed", "modelFailed"];
const NOTHING = { words: [], forgotten: [] };

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

/** Open what was taught: kept in this browser beside the folder's, or all of it in memory. */
async function openTaught({ card, sha256, taught: address }, words, engine, keep) {
  const axes = card.embedding.axes.reduce((sum, one) => sum + one, 0);
  const glosses = words.map(({ gloss }) => gloss);
  const model = { name: card.name, sha256, axes, glosses };
  const given = await loadGiven(address, model);
  const teach = (lesson) => engine.teach(lesson);
  const taught = new TaughtWords(model, words, keep ? given : NOTHING, teach, keep);
  if (keep) await taught.load();
  else await taught.restore(given);
  return taught;
}

export class Model {
  #onProgress;
  #turn = Promise.resolve(); // the tracker follows one source at a time
  #isStreaming = false;

  constructor({ card, words, ownWords, skeleton, files, engine, taught }, onProgress = () => {}) {
    this.#onProgress = onProgress;
    this.card = card;
    this.words = words;
    this.ownWords = ownWords;
    this.skeleton = skeleton;
    this.files = files;
    this.engine = engine;
    this.taught = taught;
  }

  get vocabulary() {
    return this.words.map(({ gloss }) => gloss);
  }

  get canBeTaught() {
    return this.taught !== null;
  }

  open(onProgress = this.#onProgress) {
    return this.engine.open(onProgress, this.#hasTracker);
  }

  close() {
    this.engine.close();
  }

  async recognise(source) {
    const clip = await this.#read(source);
    const { file, frames, showsHand } = clip;
    const started = performance.now();
    const hand = signingHand(clip.landmarks, this.engine.settings, clip.rate);
    const { probabilities } = await this.#see(clip);
    if (!this.words.length)
      throw new Problem("noWords", `${this.card.name} knows no word yet; teach it some`);
    const best = bestOf(probabilities);
    return {
      file,
      frames,
      predictions: this.#named(best),
      abstained: best[0].probability < this.engine.abstainBelow || !showsHand,
      expression: null,
      hand,
      seconds: (performance.now() - started) / 1000,
    };
  }

  async *stream(source = null, options = {}) {
    const { signal, onFrame = () => {}, video = document.createElement("video") } = options;
    const tell = ({ seconds, joints }) => onFrame({ seconds, landmarks: joints });
    const isFrames = source?.[Symbol.asyncIterator] || source?.[Symbol.iterator];
    if (isFrames && typeof source !== "string") {
      await this.engine.open(this.#onProgress, false);
      yield* this.#events(eventsOfFrames(this.engine, source, { signal, onFrame: tell }));
      return;
    }
    const release = await this.#takeTracker();
    this.#isStreaming = true;
    Object.assign(video, { muted: true, playsInline: true });
    const given = { video, signal, onFrame: tell };
    try {
      yield* this.#events(eventsOfVideo(this.engine, this.skeleton.parts, source, given));
    } catch (error) {
      throw this.#recover(error);
    } finally {
      this.#isStreaming = false;
      release();
    }
  }

  async teach(gloss, sources, { transliteration, english, despiteDoubts = false } = {}) {
    const taught = this.#teachable();
    const word = cleanWord({ gloss, transliteration, english });
    if (!word.gloss) throw new Problem("noGloss", "the word to teach is empty");
    const given = Array.isArray(sources) ? sources : [sources];
    if (!given.length) throw new Problem("noClips", `there is no clip of ${word.gloss} to teach`);
    const clips = [];
    for (const source of given) clips.push(await this.#seen(source));
    const earlier = taught.clipsOf(word.gloss).map(({ embedding }) => embedding);
    const doubts = doubtsOf(clips, word.gloss, earlier, this.card.embedding);
    if (doubts.length && !despiteDoubts) throw doubtful(doubts, clips, word.gloss);
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

  async restore(file) {
    await this.#teachable().importFile(typeof file === "string" ? new Blob([file]) : file);
  }

  get #hasTracker() {
    return Boolean(this.files.pose && this.files.hands);
  }

  /** Let the next call start the workers again if one of them has failed. */
  #recover(error) {
    if (WORKER_FAULTS.includes(error.code)) this.engine.close();
    return error;
  }

  async #see({ landmarks, count, rate }) {
    try {
      return await this.engine.see(landmarks, count, rate);
    } catch (error) {
      throw this.#recover(error);
    }
  }

  /** Read a film or landmarks; what that needs is opened first. */
  async #read(source) {
    const { parts } = this.skeleton;
    if (!isFilm(source)) {
      const clip = clipOfLandmarks(source, parts);
      await this.engine.open(this.#onProgress, false);
      return clip;
    }
    const release = await this.#takeTracker();
    try {
      return await clipOfFilm(source, this.engine, parts);
    } catch (error) {
      throw this.#recover(error);
    } finally {
      release();
    }
  }

  /** Wait for the tracker, and open it; gives a function that releases it. */
  async #takeTracker() {
    if (this.#isStreaming)
      throw new Problem("busy", "a stream has the tracker; end it before the next video");
    const before = this.#turn;
    let release;
    this.#turn = new Promise((resolve) => (release = resolve));
    try {
      await before;
      if (!this.#hasTracker)
        throw new Problem(
          "noTracker",
          "this folder has no landmark models: make one with `signnet site`, or give `landmarkers`",
        );
      await this.engine.open(this.#onProgress);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** See a clip that is to be taught. */
  async #seen(source) {
    const clip = await this.#read(source);
    if (!clip.showsHand) throw new Problem("noHand", `${clip.file} shows no hand; record it again`);
    return { ...(await this.#see(clip)), file: clip.file, glosses: this.vocabulary };
  }

  #teachable() {
    if (this.taught) return this.taught;
    throw new Problem("notTeachable", `${this.card.name} cannot be taught`);
  }

  #named(predictions) {
    const { words } = this;
    return predictions.map(({ index, probability }) => ({
      gloss: words[index].gloss,
      probability,
    }));
  }

  async *#events(events) {
    for await (const { index, predictions = [], ...event } of events) {
      const { kind, time, start = null, end = null, probability = null, hand = null } = event;
      const gloss = kind === "sign" ? this.words[index].gloss : null;
      const known = kind === "sign" ? probability : null;
      const named = this.#named(predictions);
      yield { kind, time, gloss, start, end, probability: known, hand, predictions: named };
    }
  }
}

function doubtful(doubts, clips, gloss) {
  const reasons = doubts.map(({ kind, clip, gloss: other }) =>
    kind === "another"
      ? `${clips[clip].file} (${gloss}) looks like ${other}`
      : `${clips[clip].file} (${gloss}) is unlike the other clips`,
  );
  const help = "leave them out, or teach them with despiteDoubts";
  return Object.assign(new Problem("doubtful", `${reasons.join("; ")}; ${help}`), { doubts });
}
