// Whether a sign is the one that was asked for, and how often this check is mistaken.
import { number, t } from "../text/i18n.js";

const ACCEPTED_FROM = 0.1; // probability of the word, if the model's card states no other

/**
 * Judge an event of the stream: a sign is right if the word that was asked for is probable
 * enough, even if another one is more probable.
 *
 * @param {SignEvent} event
 * @param {string} wanted gloss of the word that is practised
 * @param {{check_limit?: number}} [metrics] of the model's card
 * @returns {{verdict: "right"|"other"|"unseen", gloss: string}|null} `gloss` of the word
 *   that is right, or of the most likely other one; null if no sign has ended
 */
export function judge({ kind, gloss, predictions }, wanted, { check_limit: limit } = {}) {
  if (kind !== "sign" && kind !== "unsure") return null;
  const { probability = 0 } = predictions.find((one) => one.gloss === wanted) ?? {};
  if (probability >= (limit ?? ACCEPTED_FROM)) return { verdict: "right", gloss: wanted };
  const likeliest = predictions.find((one) => one.gloss !== wanted)?.gloss;
  return kind === "sign"
    ? { verdict: "other", gloss: gloss === wanted ? likeliest : gloss }
    : { verdict: "unseen", gloss: likeliest };
}

/**
 * Say how often the check is mistaken.
 *
 * @param {Object<string, number>} metrics of the model's card: check_missed_new_signer and
 *   check_missed_shown_once (shares of right signs), check_passed_new_signer and
 *   check_passed_shown_once (shares of other words' signs)
 * @param {boolean} isShown whether the visitor has shown the word
 */
export function doubtOf(metrics, isShown) {
  const whose = isShown ? "shown_once" : "new_signer";
  const [missed, passed] = [metrics[`check_missed_${whose}`], metrics[`check_passed_${whose}`]];
  if (missed === undefined || passed === undefined) return t("check.notMeasured");
  const values = [Math.round(100 * missed), Math.ceil(100 * passed)].map((one) => number(one));
  return t(isShown ? "check.shown" : "check.stranger", ...values);
}
