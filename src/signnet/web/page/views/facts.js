// What the model knows and of whom, in plain words and numbers from its card.
import { make } from "../text/gloss.js";
import { counted, number, t } from "../text/i18n.js";

const inHundred = (share) => number(Math.round(100 * share));

/**
 * Write what the model knows, and how often it is right for a person it has never seen.
 *
 * @param {{vocabulary: string[], clips: number, people: number, metrics?: Object}} card
 *   the content of model.json; `metrics` may hold new_signer and new_signer_shown_once,
 *   the shares of right first guesses
 * @returns {string[]} lines
 */
export function factsOf({ vocabulary, clips, people, metrics = {} }) {
  const whose = people ? counted("yours.people", people) : t("yours.unknownPeople");
  const { new_signer: stranger, new_signer_shown_once: shown } = metrics;
  return [
    t("yours.knows", number(vocabulary.length), number(clips), whose),
    stranger === undefined ? t("yours.notMeasured") : t("yours.stranger", inHundred(stranger)),
    ...(shown === undefined ? [] : [t("yours.shown", inHundred(shown))]),
    t("yours.ways"),
    t("yours.privacy"),
  ];
}

/** Say in one line why it should be shown how the visitor signs. */
export function invitation({ metrics = {} }) {
  const { new_signer: stranger } = metrics;
  return stranger === undefined ? t("yours.welcomePlain") : t("yours.welcome", inHundred(stranger));
}

/** Show the lines in a list. */
export function showFacts(list, card) {
  list.replaceChildren(...factsOf(card).map((line) => make("li", "", line)));
}
