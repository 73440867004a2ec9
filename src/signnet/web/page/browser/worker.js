// A worker that answers: each call gets a promise.
//
// Workers start from a blob, because such workers keep the page's content security
// policy. Loaded from the network they would have none, and third-party code inside
// could open connections.
import { Problem } from "./problem.js";

const PATIENCE = 60_000; // milliseconds for one task; the first one starts a large program

export class Helper {
  #worker;
  #waiting = new Map();
  #number = 0;
  #failure;

  /**
   * @param {string} file the worker's script, relative to the page
   * @param {"classic"|"module"} type
   * @param {string} failure the problem to report when the worker fails
   */
  constructor(file, type, failure) {
    const url = new URL(file, document.baseURI).href;
    const start =
      type === "module"
        ? `import ${JSON.stringify(url)};`
        : `importScripts(${JSON.stringify(url)});`;
    const blob = URL.createObjectURL(new Blob([start], { type: "text/javascript" }));
    this.#failure = failure;
    this.#worker = new Worker(blob, { type });
    this.#worker.onmessage = ({ data }) => this.#settle(data);
    this.#worker.onerror = (event) => this.#fail(event.message ?? "the worker did not start");
    this.#worker.onmessageerror = () => this.#fail("a message was lost");
  }

  /** Have a task done; `transfer` lists the buffers that are given away. */
  ask(task, given = {}, transfer = []) {
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail("no answer"), PATIENCE);
      this.#waiting.set(number, { resolve, reject, timer });
      this.#worker.postMessage({ task, number, ...given }, transfer);
    });
  }

  close() {
    this.#worker.terminate();
    this.#fail("closed");
  }

  #settle({ number, answer, error }) {
    const call = this.#waiting.get(number);
    this.#waiting.delete(number);
    clearTimeout(call?.timer);
    if (error) call?.reject(new Problem(this.#failure, error));
    else call?.resolve(answer);
  }

  #fail(reason) {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Problem(this.#failure, reason));
    }
    this.#waiting.clear();
  }
}
