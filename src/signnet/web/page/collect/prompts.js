// Which sign is asked for next: the whole list in rounds, so that a word's clips differ as
// days differ, and a session that is broken off has every word about equally often.

const USUAL_SECONDS = 6; // a sign takes this until it is known better
const RECENT = 10; // signs whose time counts

export const MOST_PROMPTS = 600; // the exported file then stays below what signnet reads

/**
 * List what a session asks for.
 *
 * @param {{words: string[], repetitions: number}} session
 * @returns {{gloss: string, repetition: number, key: string}[]} in the order of asking
 */
export function promptsOf({ words, repetitions }) {
  const rounds = Array.from({ length: repetitions }, (_, index) => index + 1);
  return rounds.flatMap((repetition) =>
    words.map((gloss) => ({ gloss, repetition, key: `${repetition} ${gloss}` })),
  );
}

/**
 * Give the first prompts that are neither recorded nor skipped, at most `count` of them.
 *
 * @param {Object} session see `promptsOf`, with the keys of those `skipped`
 * @param {Set<string>} recorded keys
 */
export function openPrompts(session, recorded, count = Infinity) {
  const skipped = new Set(session.skipped);
  return promptsOf(session)
    .filter(({ key }) => !recorded.has(key) && !skipped.has(key))
    .slice(0, count);
}

/** Estimate the seconds that `count` signs take, from those that the latest ones took. */
export function secondsLeft(count, seconds) {
  const recent = seconds.slice(-RECENT).sort((one, other) => one - other);
  return count * (recent.length ? recent[recent.length >> 1] : USUAL_SECONDS);
}
