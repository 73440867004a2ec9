// The dictionary by signing: after each sign the five words that it may be, with figures.
import { SmallFigures } from "../parts/small.js";
import { addressOf, make, makeGloss, meaningOf } from "../text/gloss.js";
import { onLanguage, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);
const SHOWN = 5; // words of the gallery

export class Find {
  #model;
  #teaching;
  #figures;
  #clip = null; // of the sign that was made last, see SeenClip
  #found = []; // words, the most probable first
  #more = []; // words of the gallery, the nearest first
  #says = () => "";

  /**
   * @param {Model} model
   * @param {{remember: (word: Object, clip: Object) => Promise<void>,
   *   explain: (error: Error) => string}|null} teaching teaches a clip of a word, says why
   *   it could not be; null where nothing can be taught
   */
  constructor(model, teaching) {
    this.#model = model;
    this.#teaching = teaching;
    this.#figures = new SmallFigures(model.skeleton);
    onLanguage(() => this.#show());
  }

  /** Begin to look for a word. */
  show() {
    this.#clip = null;
    this.#found = this.#more = [];
    this.#tell(() => t("find.sign"));
  }

  leave() {
    this.#figures.clear();
  }

  /** Take an event of the stream. */
  onEvent(event) {
    const { kind, predictions } = event;
    if (kind !== "sign" && kind !== "unsure") return;
    const wordOf = (wanted) => this.#model.words.find(({ gloss }) => gloss === wanted);
    this.#clip = this.#model.clipOf(event);
    this.#found = predictions.map(({ gloss }) => wordOf(gloss)).filter(Boolean);
    this.#more = [];
    this.#tell(() => t(this.#found.length ? "find.found" : "noWordsMore"));
    this.#lookFurther(this.#clip);
  }

  /** Look for words of the gallery that the vocabulary lacks. */
  async #lookFurther(clip) {
    const nearest = await this.#model.nearest(clip, SHOWN).catch(() => []);
    if (this.#clip !== clip || !nearest.length) return;
    this.#more = nearest;
    this.#tell(() => t("find.found"));
  }

  async #remember(word) {
    const clip = this.#clip;
    if (!clip) return;
    this.#clip = null; // once is enough
    this.#tell(() => t("teachWorking"));
    $("find-says").focus({ preventScroll: true });
    try {
      await this.#teaching.remember(word, clip);
      this.#tell(() => t("find.kept", word.gloss));
    } catch (error) {
      this.#tell(() => this.#teaching.explain(error));
    }
  }

  #tell(text) {
    this.#says = text;
    this.#show();
  }

  #show() {
    $("find-says").textContent = this.#says();
    this.#figures.clear();
    $("finds").replaceChildren(...this.#found.map((word) => this.#makeItem(word)));
    $("find-way").hidden = !this.#found.length;
    $("finds-more").hidden = !this.#more.length;
    $("gallery").replaceChildren(...this.#more.map((word) => this.#makeItem(word)));
  }

  #makeItem(word) {
    const item = document.createElement("li");
    const text = make("div", "", "");
    const link = makeGloss(word, word.motion ? "span" : "a"); // the gallery has no pages
    if (!word.motion) link.href = addressOf(word);
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
    const found = word.motion ?? this.#model.motion(word.gloss).catch(() => null);
    const motion = await found; // the item is not in the page before
    if (motion && item.isConnected) item.prepend(this.#figures.make(motion, item));
  }
}
