// Signs found in a running stream of landmarks: stream.py in JavaScript, function by
// function. The settings are not repeated here; they come with the model (stream.json).

const JOINT_COUNT = 553;
const SIDES = [
  { hand: 33, wrist: 15 },
  { hand: 54, wrist: 16 },
];
const SHOULDERS = [11, 12];
const SPAN = [0, 4, 8, 12, 16, 20];
const PALM_END = 9;
const HANDS_PER_SHOULDER = 4;
const NARROWEST = 0.05;

const apart = (first, one, second, other) => {
  const x = first[3 * one] - second[3 * other];
  const y = first[3 * one + 1] - second[3 * other + 1];
  return Math.sqrt(x * x + y * y);
};

/** Follows where the shoulders are and what the hands do. */
class Body {
  #settings;
  #unit = NaN;
  #middle = NaN;
  #seen = [-Infinity, -Infinity];

  constructor(settings) {
    this.#settings = settings;
  }

  /** Describe a frame; `before` is an earlier one to measure speed with. */
  frame(time, joints, before) {
    this.#followShoulders(joints);
    let depth = Infinity;
    let speed = 0;
    SIDES.forEach(({ hand, wrist }, side) => {
      if (Number.isFinite(joints[3 * hand])) this.#seen[side] = time;
      if (time - this.#seen[side] > this.#settings.lost_seconds) return;
      depth = Math.min(depth, this.#depth(joints, hand, wrist));
      if (before) {
        const path = pathOf(joints, before.joints, hand, wrist) / this.#unit;
        speed = Math.max(speed, path / (time - before.time));
      }
    });
    return { time, joints, depth, speed, hands: this.#seen.includes(time) };
  }

  #followShoulders(joints) {
    const [left, right] = SHOULDERS;
    let width = apart(joints, left, joints, right);
    if (Number.isFinite(width)) {
      this.#middle = (joints[3 * left + 1] + joints[3 * right + 1]) / 2;
    } else if (Number.isNaN(this.#middle)) {
      const palms = SIDES.map(({ hand }) => apart(joints, hand, joints, hand + PALM_END));
      const known = palms.filter(Number.isFinite);
      width = known.length ? Math.max(...known) * HANDS_PER_SHOULDER : NaN;
    }
    if (Number.isFinite(width)) {
      width = Math.max(width, NARROWEST);
      this.#unit = Number.isNaN(this.#unit) ? width : 0.9 * this.#unit + 0.1 * width;
    }
  }

  #depth(joints, hand, wrist) {
    if (Number.isNaN(this.#middle)) return 0; // without a body: taken as raised
    const joint = Number.isFinite(joints[3 * wrist + 1]) ? wrist : hand;
    const depth = (joints[3 * joint + 1] - this.#middle) / this.#unit;
    return Number.isFinite(depth) ? depth : Infinity;
  }
}

/** How far a hand, or else its wrist, has moved since an earlier frame. */
function pathOf(now, then, hand, wrist) {
  let path = 0;
  for (const joint of SPAN) path += apart(now, hand + joint, then, hand + joint);
  path /= SPAN.length;
  if (!Number.isFinite(path)) path = apart(now, wrist, then, wrist);
  return Number.isFinite(path) ? path : 0;
}

/**
 * Turns frames of landmarks into words as they are signed.
 *
 * classify: async (landmarks: Float32Array(frames * 553 * 3), frames) => Float32Array
 * settings: the object in stream.json.
 * Only one push may run at a time: await each before the next.
 */
export class StreamingRecogniser {
  #classify;
  #settings;
  #body;
  #frames;
  #start;
  #consumed;
  #stillSince;
  #upUntil;
  #nextHop;
  #limits;
  #asked;
  #hasWord;

  constructor(classify, settings) {
    this.#classify = classify;
    this.#settings = settings;
    this.reset();
  }

  /** Forget everything; the next frame begins a new stream. */
  reset() {
    this.#body = new Body(this.#settings);
    this.#frames = [];
    this.#start = null;
    this.#consumed = -Infinity;
    this.#stillSince = this.#upUntil = this.#nextHop = Infinity;
    this.#limits = [];
    this.#asked = new Map();
    this.#hasWord = false;
  }

  /** Take a frame (joints: Float32Array(553 * 3), kept) and tell what happened. */
  async push(seconds, joints) {
    let events = [];
    if (this.#frames.length) {
      const pause = seconds - this.#frames.at(-1).time;
      if (pause <= 0) return events;
      if (pause > this.#settings.gap_seconds) {
        events = await this.flush();
        this.reset();
      }
    }
    const frame = this.#body.frame(seconds, joints, this.#earlier(seconds));
    this.#frames.push(frame);
    this.#forget(seconds);
    const happened =
      this.#start === null ? this.#atRest(frame) : await this.#signing(frame);
    return [...events, ...happened];
  }

  /** End the stream and with it the sign that is being made. */
  async flush() {
    if (this.#start === null) return [];
    const { time } = this.#frames.at(-1);
    return this.#end(time, time);
  }

  #earlier(seconds) {
    const latest = seconds - this.#settings.speed_seconds;
    return this.#frames.findLast((frame) => frame.time <= latest) ?? null;
  }

  #forget(seconds) {
    let oldest = seconds - this.#settings.lead_seconds - 1;
    if (this.#start !== null) oldest = Math.min(oldest, this.#start);
    this.#frames = this.#frames.filter((frame) => frame.time >= oldest);
  }

  #atRest(frame) {
    const settings = this.#settings;
    if (frame.depth > settings.raised || frame.speed < settings.moving) return [];
    this.#start = this.#firstOfSign(frame);
    this.#stillSince = Infinity;
    this.#upUntil = frame.time;
    this.#nextHop = frame.time + settings.hop_seconds;
    this.#limits = [this.#start];
    this.#asked = new Map();
    this.#hasWord = false;
    return [{ kind: "start", time: frame.time }];
  }

  #firstOfSign(now) {
    const settings = this.#settings;
    let start = now.time;
    for (const frame of this.#frames.toReversed()) {
      const isHeld = frame.depth <= settings.raised && frame.speed < settings.still;
      const isTooEarly = frame.time < now.time - settings.lead_seconds;
      if (isHeld || isTooEarly || frame.time <= this.#consumed) break;
      start = frame.time;
    }
    return start;
  }

  async #signing(frame) {
    const settings = this.#settings;
    if (frame.depth <= settings.lowered) this.#upUntil = frame.time;
    if (frame.speed >= settings.still) this.#stillSince = Infinity;
    else if (this.#stillSince === Infinity) this.#stillSince = frame.time;
    if (frame.time - this.#upUntil >= settings.down_seconds)
      return this.#end(this.#beforeLowering(), frame.time);
    const calm = frame.time - this.#stillSince;
    if (calm >= settings.rest_seconds) return this.#end(frame.time, frame.time);
    if (frame.time < this.#nextHop) return [];
    this.#nextHop = frame.time + settings.hop_seconds;
    this.#limits.push(frame.time);
    return this.#hop(frame.time, calm >= settings.still_seconds);
  }

  #beforeLowering() {
    const frames = this.#frames.filter((frame) => frame.time <= this.#upUntil);
    let last = frames.length - 1;
    while (last > 0 && frames[last - 1].depth < frames[last].depth) last--;
    return frames[last].time;
  }

  async #hop(now, isCalm) {
    const settings = this.#settings;
    if (isCalm) {
      const words = await this.#words(now);
      if (words.length) {
        this.#consumed = now;
        this.#start = null;
        return words.map((word) => said(word, now));
      }
    } else if (now - this.#start > settings.split_seconds) {
      const settled = now - settings.settle_seconds;
      const words = (await this.#words(now)).filter((word) => word.end <= settled);
      if (words.length) {
        this.#goOnAfter(words.at(-1).end);
        return words.map((word) => said(word, now));
      }
    }
    const begin = Math.max(this.#start, now - settings.window_seconds[1]);
    const predictions = bestOf(await this.#ask(begin, now));
    return [{ kind: "guess", time: now, predictions }];
  }

  #goOnAfter(end) {
    this.#start = this.#consumed = end;
    this.#limits = this.#limits.filter((limit) => limit >= end);
    this.#hasWord = true;
  }

  async #end(end, now) {
    const start = this.#start;
    let events = [];
    if (end - start >= this.#settings.shortest_seconds && this.#hasHands(end)) {
      this.#limits = [...this.#limits.filter((limit) => limit < end), end];
      const words = await this.#words(end);
      events = words.map((word) => said(word, now));
      if (!words.length && !this.#hasWord) {
        const begin = Math.max(start, end - this.#settings.window_seconds[1]);
        const predictions = bestOf(await this.#ask(begin, end));
        events = [{ kind: "unsure", time: now, start, end, predictions }];
      }
    }
    this.#start = null;
    this.#consumed = now;
    return [...events, { kind: "rest", time: now }];
  }

  #hasHands(end) {
    return this.#frames.some(
      ({ time, hands }) => hands && this.#start <= time && time <= end,
    );
  }

  async #words(end) {
    if (end - this.#start <= this.#settings.split_seconds) {
      const word = await this.#word(this.#start, end);
      return word ? [word] : [];
    }
    const best = [{ score: 0, words: [] }];
    for (let last = 1; last < this.#limits.length; last++) {
      let found = best[last - 1];
      for (let first = 0; first < last; first++) {
        const word = await this.#word(this.#limits[first], this.#limits[last]);
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

  async #word(start, end) {
    const { window_seconds, split_seconds, abstain_below } = this.#settings;
    const [shortest, longest] = window_seconds;
    const length = end - start;
    const isWhole = start === this.#start && length <= split_seconds;
    if (!isWhole && !(shortest <= length && length <= longest)) return null;
    const chances = await this.#ask(start, end);
    const chance = Math.max(...chances);
    if (chance < abstain_below) return null;
    return { start, end, chances, score: length * (chance - 0.5) };
  }

  async #ask(start, end) {
    const key = `${start} ${end}`;
    if (!this.#asked.has(key))
      this.#asked.set(key, await this.#classify(...this.#even(start, end)));
    return this.#asked.get(key);
  }

  #even(start, end) {
    const frames = this.#frames.filter(({ time }) => start <= time && time <= end);
    const place = ({ time }) =>
      Math.floor((time - frames[0].time) * this.#settings.rate + 0.5);
    const count = place(frames.at(-1)) + 1;
    const even = new Float32Array(count * JOINT_COUNT * 3).fill(NaN);
    for (const frame of frames) even.set(frame.joints, place(frame) * JOINT_COUNT * 3);
    return [even, count];
  }
}

function said({ start, end, chances }, time) {
  const predictions = bestOf(chances);
  return { kind: "sign", time, start, end, ...predictions[0], predictions };
}

function bestOf(chances) {
  return Array.from(chances, (probability, index) => ({ index, probability }))
    .sort((one, other) => other.probability - one.probability)
    .slice(0, 5);
}
