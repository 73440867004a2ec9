// The links to "Make it yours", on the welcome card and beside it, until all words are done.
import { number, onLanguage, t } from "../text/i18n.js";
import { invitation } from "./facts.js";

const $ = (id) => document.getElementById(id);

/** Show the links, and keep them up to date. */
export function linkToYours(plan, taught, card) {
  const show = () => {
    const [count, all] = [plan.done.length, plan.words.length];
    $("invitation").hidden = $("yours-reminder").hidden = plan.isComplete;
    $("invitation-text").textContent = invitation(card);
    const text = count ? t("yours.link", number(count), number(all)) : t("yours.title");
    for (const link of document.querySelectorAll("[data-yours-link]")) link.textContent = text;
  };
  taught.onChange(show);
  addEventListener("hashchange", show);
  onLanguage(show);
}
