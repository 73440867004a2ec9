// The sessions that are kept in this browser: gone on with, exported, deleted.
import { zip } from "../collect/archive.js";
import { fileNameOf, write, writeTable } from "../collect/sessionfile.js";
import { suffixOf } from "../collect/filming.js";
import { download } from "../parts/device.js";
import { make } from "../text/gloss.js";
import { counted, explainInText, number, t } from "../text/i18n.js";

const $ = (id) => document.getElementById(id);

export class CollectKept {
  #store;
  #onOpen;
  #sessions = []; // each with the number of its clips
  #doomed = null; // id of the session whose deletion must be confirmed
  #message = () => "";

  /**
   * @param {Store} store
   * @param {(session: Object) => Promise<void>} onOpen goes on with a session
   */
  constructor(store, onOpen) {
    this.#store = store;
    this.#onOpen = onOpen;
  }

  /** Read the sessions anew. */
  async refresh() {
    const sessions = await this.#store.sessions();
    const countOf = async ({ id }) => (await this.#store.keys(id)).length;
    const counts = await Promise.all(sessions.map(countOf));
    this.#sessions = sessions.map((session, index) => ({ session, count: counts[index] }));
    this.translate();
  }

  translate() {
    $("collect-none").hidden = this.#sessions.length > 0;
    $("collect-sessions").replaceChildren(...this.#sessions.map((one) => this.#item(one)));
    $("collect-kept-says").textContent = this.#message();
  }

  #item({ session, count }) {
    const { id, signer, consent } = session;
    const item = document.createElement("li");
    const text = make("div", "", "");
    text.append(make("strong", "", `${signer} · ${session.session}`), this.#note(session, count));
    const buttons = make("div", "row tight", "");
    const add = (key, act) => buttons.append(this.#button(key, session, act));
    add("goOn", () => this.#onOpen(session));
    if (count) add("export", () => this.#export(session));
    if (count && consent.video) add("films", () => this.#exportFilms(session));
    add(this.#doomed === id ? "deleteReally" : "delete", () => this.#delete(session));
    item.append(text, buttons);
    return item;
  }

  #note({ words, repetitions, exported }, count) {
    const all = words.length * repetitions;
    const state = t(exported ? "collect.exported" : "collect.notExported");
    const done = t("collect.done", number(count), number(all));
    return make("span", "note", count ? `${done} · ${state}` : done);
  }

  #button(key, { signer, session }, act) {
    const text = t(`collect.${key}`);
    const button = Object.assign(make("button", "quiet", text), { type: "button" });
    button.setAttribute("aria-label", `${text}: ${signer}, ${session}`);
    button.addEventListener("click", () => act().catch((error) => this.#explain(error)));
    return button;
  }

  #explain({ code }) {
    this.#tell(() => explainInText(code ?? "unknown"));
  }

  #tell(message) {
    this.#message = message;
    this.translate();
  }

  async #export(session) {
    const clips = await this.#store.clips(session.id);
    const name = `${fileNameOf(session)}.json`;
    download(new Blob([write(session, clips)], { type: "application/json" }), name);
    await this.#store.putSession({ ...session, exported: true });
    await this.refresh();
    this.#tell(() => `${counted("collect.saved", clips.length)} ${name}`);
  }

  async #exportFilms(session) {
    const clips = (await this.#store.clips(session.id)).filter(({ film }) => film);
    const films = clips.map((clip) => ({ ...clip, file: `${clip.name}.${suffixOf(clip.film)}` }));
    const table = new Blob([writeTable(session, films)], { type: "text/csv" });
    const files = films.map(({ file, film }) => ({ name: file, content: film }));
    const name = `${fileNameOf(session)}.zip`;
    download(await zip([{ name: "index.csv", content: table }, ...files]), name);
    this.#tell(() => `${counted("collect.savedFilms", films.length)} ${name}`);
  }

  /** Delete a session when this was asked for twice. */
  async #delete(session) {
    if (this.#doomed !== session.id) {
      this.#doomed = session.id;
      this.#tell(() => t("collect.confirm", session.signer, session.session));
      return this.#focusAgain(session);
    }
    this.#doomed = null;
    await this.#store.deleteSession(session.id);
    await this.refresh();
    this.#tell(() => t("collect.deleted", session.signer, session.session));
    $("collect-kept-says").focus();
  }

  #focusAgain({ id }) {
    const place = this.#sessions.findIndex(({ session }) => session.id === id);
    $("collect-sessions").children[place]?.querySelector("button:last-child").focus();
  }
}
