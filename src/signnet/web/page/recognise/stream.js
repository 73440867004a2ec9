// Finds signs in a running stream of landmarks: stream.py, function by function.
//
// The settings are not repeated here; they come with the model (stream.json).

import { Activity } from "./activity.js";
import { signingHand } from "./hand.js";

const JOINT_COUNT = 553;
const HIGHEST_CONFIDENCE = 0.995; // a more confident model explains a window no better

/**
 * Turns frames of landmarks into words as they are signed.
 *
 * Await each push before the next, since events depend on the frames before. An event has
 * a `kind` ("start", "guess", "sign", "unsure" or "rest") and a `time`, and as far as they
 * apply `start`, `end`, `index`, `probability`, `hand` (see signingHand) and `predictions`,
 * the five most probable glosses as {index, probability}; times in seconds of the stream.
 */
export class StreamingRecogniser {
  #classify;
  #settings;
  #activity;
  #frames;
  #said;
  #isSigning;
  #hasWord;
  #start;
  #consumed;
  #stillSince;
  #upUntil;
  #nextHop;
  #limits;
  #asked;

  /**
   * @param {(landmarks: Float32Array, frames: number) => Promise<Float32Array>} classify
   *   gives the probability of each gloss for landmarks [frames, 553, 3]
   * @param {Object} settings the content of stream.json
   */
  constructor(classify, settings) {
    this.#classify = classify;
    this.#settings = settings;
    this.reset();
  }

  /** Forget everything; the next frame begins a new stream. */
  reset() {
    this.#activity = new Activity(this.#settings);
    this.#frames = [];
    this.#said = { index: -1, end: -Infinity };
    this.#restFrom(-Infinity);
  }

  /**
   * Take a frame and give the events it caused.
   *
   * @param {number} seconds when it was taken; a frame no later than the last is ignored
   * @param {Float32Array} joints [553, 3] in picture heights, NaN where unseen; it is kept
   * @returns {Promise<Object[]>} events
   */
  async push(seconds, joints) {
    let events = [];
    if (this.#frames.length) {
      const pause = seconds - this.#frames.at(-1).time;
      if (!(pause > 0)) return events;
      if (pause > this.#settings.gap_seconds) {
        events = await this.flush();
        this.reset();
      }
    }
    const frame = this.#activity.frame(seconds, joints, this.#earlier(seconds));
    this.#frames.push(frame);
    this.#forget(seconds);
    if (this.#isSigning) return [...events, ...(await this.#signing(frame))];
    return [...events, ...this.#atRest(frame)];
  }

  /** End the stream, and with it a sign that has begun; gives its events. */
  async flush() {
    if (!this.#isSigning) return [];
    const { time } = this.#frames.at(-1);
    return this.#end(time, time);
  }

  /** Be at rest; frames up to a time belong to no later sign. */
  #restFrom(time) {
    this.#isSigning = this.#hasWord = false;
    this.#start = Infinity;
    this.#consumed = time;
    this.#stillSince = this.#upUntil = this.#nextHop = Infinity;
    this.#limits = [];
    this.#asked = new Map();
  }

  /** The latest frame that is old enough to measure speed with. */
  #earlier(seconds) {
    const latest = seconds - this.#settings.speed_seconds;
    return this.#frames.findLast(({ time }) => time <= latest) ?? null;
  }

  #forget(seconds) {
    const oldest = Math.min(this.#start, seconds - this.#settings.lead_seconds - 1);
    this.#frames = this.#frames.filter(({ time }) => time >= oldest);
  }

  #atRest(frame) {
    const settings = this.#settings;
    if (frame.depth > settings.raised || frame.speed < settings.moving) return [];
    this.#isSigning = true;
    this.#start = this.#firstOfSign(frame);
    this.#upUntil = frame.time;
    this.#nextHop = frame.time + settings.hop_seconds;
    this.#limits = [this.#start];
    return [{ kind: "start", time: frame.time }];
  }

  /** Go back to where the hand rose, or to where it was held still. */
  #firstOfSign(now) {
    const settings = this.#settings;
    let start = now.time;
    for (const frame of [...this.#frames].reverse()) {
      const isHeld = frame.depth <= settings.raised && frame.speed < settings.still;
      const isTooEarly = frame.time < now.time - settings.lead_seconds;
      if (isHeld || isTooEarly || frame.time <= this.#consumed) break;
      start = frame.time;
    }
    return start;
  }

  async #signing({ time: now, depth, speed }) {
    const settings = this.#settings;
    if (depth <= settings.lowered) this.#upUntil = now;
    const isStill = speed < settings.still;
    this.#stillSince = isStill ? Math.min(this.#stillSince, now) : Infinity;
    if (now - this.#upUntil >= settings.down_seconds) return this.#end(this.#beforeLowering(), now);
    if (now - this.#stillSince >= settings.rest_seconds) return this.#end(now, now);
    if (now < this.#nextHop) return [];
    this.#nextHop = now + settings.hop_seconds;
    this.#limits.push(now);
    const decided = await this.#decided(now);
    return decided.length ? decided : this.#guess(now);
  }

  /** Go back from where the hands are down to where they began to sink. */
  #beforeLowering() {
    const frames = this.#frames.filter(({ time }) => time <= this.#upUntil);
    while (
      frames.length > 1 &&
      frames.at(-1).speed >= this.#settings.moving &&
      frames.at(-2).depth < frames.at(-1).depth
    )
      frames.pop();
    return frames.at(-1).time;
  }

  /** Report the words that will not change any more. */
  async #decided(now) {
    if (now - this.#start <= this.#settings.split_seconds) return [];
    const settled = now - this.#settings.settle_seconds;
    const words = (await this.#words(now)).filter(({ end }) => end <= settled);
    if (words.length) {
      this.#goOnFrom(words.at(-1).end);
      this.#hasWord = true;
    }
    return this.#say(words, now);
  }

  /** Classify the latest window, and drop what is too long ago. */
  async #guess(now) {
    const oldest = now - this.#settings.window_seconds[1];
    if (this.#start < oldest) this.#goOnFrom(this.#limits.find((time) => time >= oldest));
    const predictions = bestOf(await this.#ask(this.#start, now));
    return [{ kind: "guess", time: now, predictions }];
  }

  /** Drop everything before one of the limits. */
  #goOnFrom(time) {
    this.#start = this.#consumed = time;
    this.#limits = this.#limits.filter((limit) => limit >= time);
    for (const start of this.#asked.keys()) if (start < time) this.#asked.delete(start);
  }

  /** Decide about a sign that is over, and rest. */
  async #end(end, now) {
    let events = [];
    if (this.#couldSign(end)) {
      this.#limits = [...this.#limits.filter((limit) => limit < end), end];
      const words = await this.#words(end);
      events = this.#say(words, now);
      if (!words.length && !this.#hasWord) {
        const predictions = bestOf(await this.#ask(this.#start, end));
        const span = { start: this.#start, end, hand: this.#handOf(this.#start, end) };
        events = [{ kind: "unsure", time: now, ...span, predictions }];
      }
    }
    this.#restFrom(now);
    return [...events, { kind: "rest", time: now }];
  }

  /** Tell whether hands were seen long enough and high enough for a sign. */
  #couldSign(end) {
    if (end - this.#start < this.#settings.shortest_seconds) return false;
    const frames = this.#between(this.#start, end);
    const highest = Math.min(...frames.map(({ depth }) => depth));
    return highest <= this.#settings.reach && frames.some(({ hands }) => hands);
  }

  /** Find the words between the start and `end` that explain most of the time. */
  async #words(end) {
    if (end - this.#start <= this.#settings.split_seconds) {
      const word = await this.#word(this.#start, end, true);
      return word ? [word] : [];
    }
    const best = [{ score: 0, words: [] }];
    for (const [last, limit] of this.#limits.entries()) {
      if (last === 0) continue;
      let found = best[last - 1];
      for (let first = 0; first < last; first++) {
        const word = await this.#word(this.#limits[first], limit);
        if (word && best[first].score + word.score > found.score)
          found = {
            score: best[first].score + word.score,
            words: [...best[first].words, word],
          };
      }
      best.push(found);
    }
    return best.at(-1).words;
  }

  /** Classify a window; null if the model abstains or no word is as long. */
  async #word(start, end, isWhole = false) {
    const [shortest, longest] = this.#settings.window_seconds;
    const seconds = end - start;
    if (!isWhole && !(shortest <= seconds && seconds <= longest)) return null;
    const probabilities = await this.#ask(start, end);
    const confidence = Math.max(...probabilities);
    const { floor, leniency, abstain_below } = this.#settings;
    if (confidence < Math.max(floor, leniency * abstain_below)) return null;
    const evidence = -Math.log(1 - Math.min(confidence, HIGHEST_CONFIDENCE));
    return { start, end, probabilities, score: seconds * evidence - this.#settings.word_cost };
  }

  async #ask(start, end) {
    if (!this.#asked.has(start)) this.#asked.set(start, new Map());
    const known = this.#asked.get(start);
    if (!known.has(end)) known.set(end, await this.#classify(...this.#even(start, end)));
    return known.get(end);
  }

  /** Put the frames of a span at a constant rate, NaN where there is none; and their count. */
  #even(start, end) {
    const frames = this.#between(start, end);
    const indexOf = ({ time }) => Math.floor((time - frames[0].time) * this.#settings.rate + 0.5);
    const count = indexOf(frames.at(-1)) + 1;
    const even = new Float32Array(count * JOINT_COUNT * 3).fill(NaN);
    for (const frame of frames) even.set(frame.joints, indexOf(frame) * JOINT_COUNT * 3);
    return [even, count];
  }

  #handOf(start, end) {
    const [landmarks] = this.#even(start, end);
    return signingHand(landmarks, this.#settings, this.#settings.rate);
  }

  #between(start, end) {
    return this.#frames.filter(({ time }) => start <= time && time <= end);
  }

  /** Report words, but not twice what may be one sign. */
  #say(words, now) {
    const events = [];
    for (const { start, end, probabilities } of words) {
      const predictions = bestOf(probabilities);
      const { index, probability } = predictions[0];
      const isAgain = start - this.#said.end <= this.#settings.again_seconds;
      if (index !== this.#said.index || !isAgain) {
        const span = { start, end, hand: this.#handOf(start, end) };
        events.push({ kind: "sign", time: now, ...span, index, probability, predictions });
      }
      this.#said = { index, end };
    }
    return events;
  }
}

/** Give the five most probable glosses as {index, probability}, best first. */
export function bestOf(probabilities) {
  return Array.from(probabilities, (probability, index) => ({ index, probability }))
    .sort((one, other) => other.probability - one.probability)
    .slice(0, 5);
}
