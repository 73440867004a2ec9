// Was the word signed that a learner was asked for?

/**
 * Judge an event of the streaming recogniser.
 *
 * @param {{kind: string, index?: number, predictions?: {index: number}[]}} event
 * @param {number} wanted the word's place in the vocabulary
 * @returns {{verdict: "right"|"near"|"other"|"unseen", index: number}|null} `index` is the
 *   word that was recognised or looked most alike; null where no sign has ended
 */
export function judge(event, wanted) {
  if (event.kind !== "sign" && event.kind !== "unsure") return null;
  const ranked = event.predictions.map(({ index }) => index);
  if (event.kind === "sign" && event.index === wanted) return { verdict: "right", index: wanted };
  const likely = ranked.find((index) => index !== wanted);
  if (ranked.includes(wanted)) return { verdict: "near", index: likely };
  return { verdict: event.kind === "sign" ? "other" : "unseen", index: event.index ?? likely };
}

/** Counts attempts at one word. */
export class Score {
  tries = 0;
  right = 0;

  add(verdict) {
    this.tries += 1;
    if (verdict === "right") this.right += 1;
  }
}
