// The reminder to export words that are only in this browser.
import { counted, onLanguage, t } from "../text/i18n.js";
import { make } from "../text/gloss.js";

/**
 * Show the reminder in an element as long as it is due.
 *
 * @param {HTMLElement} element
 * @param {Keeping} keeping
 */
export function showReminder(element, keeping) {
  const say = make("p", "", "");
  const row = make("div", "row", "");
  const act = (button, run) =>
    button.addEventListener("click", () => {
      run();
      document.getElementById("main").focus({ preventScroll: true }); // the button is gone
    });
  const save = Object.assign(make("button", "", ""), { type: "button" });
  const dismiss = Object.assign(make("button", "quiet", ""), { type: "button" });
  act(save, () => keeping.export());
  act(dismiss, () => keeping.dismiss());
  row.append(save, dismiss);
  element.append(say, row);
  const show = () => {
    element.hidden = !keeping.isDue;
    say.textContent = counted("keep.reminder", keeping.unsaved.length);
    save.textContent = t("keep.export");
    dismiss.textContent = t("keep.dismiss");
  };
  keeping.onChange(show);
  onLanguage(show);
}
