// Workers that run named tasks: each call returns a promise of its result.
//
// Workers start from a blob, because such workers keep the page's content security
// policy. Loaded from the network they would have none, and third-party code inside
// could open connections.
import { ROOT } from "./loader.js";
import { Problem } from "./problem.js";

const TIMEOUT = 60_000; // milliseconds for one task; the first one starts a large program

export class TaskWorker {
  #worker;
  #calls = new Map();
  #lastId = 0;
  #failure;

  /**
   * @param {string} file the worker's script, relative to the engine's folder
   * @param {"classic"|"module"} type
   * @param {string} failure code of the Problem to report when the worker fails
   */
  constructor(file, type, failure) {
    const url = JSON.stringify(new URL(file, ROOT).href);
    const code = type === "module" ? `import ${url};` : `importScripts(${url});`;
    const blob = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    this.#failure = failure;
    this.#worker = new Worker(blob, { type });
    this.#worker.onmessage = ({ data }) => this.#settle(data);
    this.#worker.onerror = (event) => this.#fail(event.message ?? "the worker did not start");
    this.#worker.onmessageerror = () => this.#fail("a message was lost");
  }

  /**
   * Run a task in the worker.
   *
   * @param {string} task its name
   * @param {Object} given its arguments
   * @param {Transferable[]} transfer buffers and pictures that move to the worker
   * @returns {Promise<any>} the result; rejected with a Problem if the worker fails
   */
  run(task, given = {}, transfer = []) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail("no result in time"), TIMEOUT);
      this.#calls.set(id, { resolve, reject, timer });
      this.#worker.postMessage({ task, id, ...given }, transfer);
    });
  }

  /** Stop the worker; calls that wait for it are rejected. */
  close() {
    this.#worker.terminate();
    this.#fail("closed");
  }

  #settle({ id, result, error }) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    clearTimeout(call?.timer);
    if (error) call?.reject(new Problem(this.#failure, error));
    else call?.resolve(result);
  }

  #fail(reason) {
    for (const { reject, timer } of this.#calls.values()) {
      clearTimeout(timer);
      reject(new Problem(this.#failure, reason));
    }
    this.#calls.clear();
  }
}
