// Events that are put in, and come out in their order until an end or a fault.

export class Queue {
  #events = [];
  #isOver = false;
  #fault = null;
  #wake = () => {};

  push(events) {
    if (this.#isOver) return; // nobody waits for them
    this.#events.push(...events);
    this.#wake();
  }

  /** Let nothing more come; a fault is thrown after the events that came before. */
  end(fault = null) {
    if (!this.#isOver) this.#fault = fault;
    this.#isOver = true;
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
