// Glosses in place of indices: what a model says of clips, and of the events of a stream.
import { bestOf } from "../recognise/stream.js";

const named = (predictions, words) =>
  predictions.map(({ index, probability }) => ({ gloss: words[index].gloss, probability }));

export class Naming {
  #engine;
  #words;
  #ownWords;
  #known = new WeakSet(); // clips that need not be seen again
  #clips = new WeakMap(); // that events were decided by

  /**
   * @param {Engine} engine
   * @param {{gloss: string}[]} words those that are answered, in the order of the answers
   * @param {{gloss: string}[]} ownWords the model's own
   */
  constructor(engine, words, ownWords) {
    this.#engine = engine;
    this.#words = words;
    this.#ownWords = ownWords;
  }

  /** Say of a clip what it may be, now and before anything was taught; see Engine.see. */
  know(clip, name = "the clip") {
    if (this.isKnown(clip)) return clip;
    this.#known.add(clip);
    const { probabilities, modelProbabilities = probabilities } = clip;
    return Object.assign(clip, {
      name,
      glosses: this.#words.map(({ gloss }) => gloss),
      predictions: named(bestOf(probabilities), this.#words),
      ownPredictions: named(bestOf(modelProbabilities), this.#ownWords),
    });
  }

  isKnown(clip) {
    return this.#known.has(clip);
  }

  /** Write an event as Python does, and keep the clip that it was decided by. */
  tell(event) {
    const { kind, time, start = null, end = null, hand = null } = event;
    const isSign = kind === "sign";
    const gloss = isSign ? this.#words[event.index].gloss : null;
    const probability = isSign ? event.probability : null;
    const predictions = named(event.predictions ?? [], this.#words);
    const told = { kind, time, gloss, start, end, probability, hand, predictions };
    const clip = this.#engine.clipOf(event);
    if (clip) this.#clips.set(told, this.know(clip));
    return told;
  }

  /** Give the clip that an event was decided by, or null. */
  clipOf(event) {
    return this.#clips.get(event) ?? null;
  }
}
