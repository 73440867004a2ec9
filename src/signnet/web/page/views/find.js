// The dictionary by signing: after each sign the five words that it may be, with figures.
import { SmallFigures } from "../figure/small.js";
import { addressOf, make, makeGloss, meaningOf } from "../text/gloss.js";
import { onLanguage, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);

export class Find {
  #page;
  #teaching;
  #figures;
  #clip = null; // of the sign that was made last, see Engine.latest
  #found = []; // words, the most probable first
  #says = () => "";

  /**
   * @param {{engine: Engine, words: Object[], skeleton: Object,
   *   findMotion: (word: Object) => Promise<Object|null>}} page `words` is the vocabulary
   * @param {{remember: (word: Object, clip: Object) => Promise<void>,
   *   explain: (error: Error) => string}|null} teaching teaches a clip of a word, says why
   *   it could not be; null where nothing can be taught
   */
  constructor(page, teaching) {
    this.#page = page;
    this.#teaching = teaching;
    this.#figures = new SmallFigures(page.skeleton);
    onLanguage(() => this.#show());
  }

  /** Begin to look for a word. */
  show() {
    this.#clip = null;
    this.#found = [];
    this.#tell(() => t("find.sign"));
  }

  leave() {
    this.#figures.clear();
  }

  /** Take an event of the stream. */
  onEvent({ kind, predictions = [] }) {
    if (kind !== "sign" && kind !== "unsure") return;
    const { engine, words } = this.#page;
    this.#clip = engine.latest;
    this.#found = predictions.map(({ index }) => words[index]).filter(Boolean);
    this.#tell(() => t(this.#found.length ? "find.found" : "noWordsMore"));
  }

  async #remember(word) {
    const clip = this.#clip;
    this.#clip = null; // once is enough
    try {
      await this.#teaching.remember(word, clip);
      this.#tell(() => t("find.kept", word.gloss));
    } catch (error) {
      this.#tell(() => this.#teaching.explain(error));
    }
    $("find-says").focus({ preventScroll: true });
  }

  #tell(text) {
    this.#says = text;
    this.#show();
  }

  #show() {
    $("find-says").textContent = this.#says();
    this.#figures.clear();
    $("finds").replaceChildren(...this.#found.map((word) => this.#makeItem(word)));
  }

  #makeItem(word) {
    const item = document.createElement("li");
    const text = make("div", "", "");
    const link = Object.assign(makeGloss(word, "a"), { href: addressOf(word) });
    text.append(link, make("span", "note", meaningOf(word), "en"));
    item.append(text);
    if (this.#teaching && this.#clip) item.append(this.#makeButton(word));
    this.#addFigure(word, item);
    return item;
  }

  #makeButton(word) {
    const button = Object.assign(make("button", "", t("find.this")), { type: "button" });
    button.setAttribute("aria-label", t("find.thisLabel", word.gloss));
    button.addEventListener("click", () => this.#remember(word));
    return button;
  }

  async #addFigure(word, item) {
    const motion = await this.#page.findMotion(word).catch(() => null);
    if (motion && item.isConnected) item.prepend(this.#figures.makeMoving(motion, item));
  }
}
