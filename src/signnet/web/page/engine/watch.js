// Events of a camera, a film or landmarks as they occur: what Model.stream gives.
import { Problem } from "../browser/problem.js";
import { Session } from "../recognise/session.js";
import { framesOf } from "./sources.js";

/** Events that are put in, and come out in their order until an end or a fault. */
class Queue {
  #events = [];
  #isOver = false;
  #fault = null;
  #wake = () => {};

  push(events) {
    this.#events.push(...events);
    this.#wake();
  }

  end(fault = null) {
    this.#isOver = true;
    this.#fault ??= fault;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    while (!this.#isOver || this.#events.length) {
      if (this.#events.length) yield this.#events.shift();
      else await new Promise((resolve) => (this.#wake = resolve));
    }
    if (this.#fault) throw this.#fault;
  }
}

/**
 * Give the events of a camera or a film; the camera is on until the signal, or until nobody
 * asks for more.
 *
 * @param {Engine} engine opened
 * @param {Object<string, number[]>} parts see Engine
 * @param {Blob|MediaStream|string|null} source a film; or a camera, see openCamera
 * @param {{video: HTMLVideoElement, signal?: AbortSignal, onFrame: (frame: Object) => void}}
 *   options
 */
export async function* eventsOfVideo(engine, parts, source, { video, signal, onFrame }) {
  const queue = new Queue();
  const session = new Session(video, engine, parts, {
    onFrame,
    onEvents: (events) => queue.push(events),
    onEnd: () => queue.end(),
    onFault: (error) => queue.end(error),
  });
  // A pause ends the sign that has begun, and turns a camera off.
  const stop = () => session.pause(true).then(() => queue.end(), (error) => queue.end(error)); // prettier-ignore
  try {
    if (signal?.aborted) return;
    if (source instanceof Blob) await session.startFilm(source);
    else await session.startCamera(source);
    if (signal?.aborted) await stop();
    signal?.addEventListener("abort", stop);
    yield* queue;
  } finally {
    signal?.removeEventListener("abort", stop);
    await session.close();
  }
}

/** Give the events of frames {seconds, landmarks} that come one by one. */
export async function* eventsOfFrames(engine, frames, { signal, onFrame }) {
  const stream = engine.stream();
  for await (const { seconds, landmarks } of frames) {
    if (signal?.aborted) break;
    const [joints, more] = framesOf(landmarks);
    if (more || !Number.isFinite(seconds))
      throw new Problem("badLandmarks", "expected frames {seconds, landmarks [553, 3]}");
    onFrame({ seconds, joints });
    yield* await stream.push(seconds, joints);
  }
  yield* await stream.flush();
}
