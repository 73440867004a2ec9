// What is taught, as numbers: kernel ridge regression on what the model's own scores lack,
// as enrol.py fits it. The constants are those of enrol.py and memory.py.

export const SHARPNESS = 12; // scores are multiplied by it before they become probabilities
export const NEW_RIDGE = 0.01; // penalty on the taught clips
export const OLD_RIDGE = 0.1; // and on the anchors, at which answers shall stay as they are
export const ABSTAIN_BELOW = 0.75; // probability below which a taught model is unsure
export const ANOTHER_WORD = 0.7; // score of another gloss from which on a clip looks like it
export const UNLIKE = 0.2; // likeness below which two clips cannot be the same sign

/** Give how alike two embedded clips are, from 0 to 1 for the same: exp(-distance²). */
export function likeness(one, other) {
  let square = 0;
  for (let axis = 0; axis < one.length; axis++) square += (one[axis] - other[axis]) ** 2;
  return Math.exp(-square);
}

/**
 * Find weights of anchors and points that add what is missing at the points.
 *
 * @param {ArrayLike<number>[]} anchors embedded clips at which nothing shall change
 * @param {ArrayLike<number>[]} points the taught clips, embedded
 * @param {ArrayLike<number>[]} missing for each point 1 for the right gloss and 0 for
 *   others, less the model's own scores
 * @returns {Float64Array[]} for each anchor, then each point, a weight for each gloss
 */
export function correction(anchors, points, missing) {
  const rows = [...anchors, ...points];
  const factor = triangle(rows, (place) => (place < anchors.length ? OLD_RIDGE : NEW_RIDGE));
  return solve(factor, anchors.length, missing);
}

/** Factor likeness plus ridge into a lower triangle, by Cholesky; row by row. */
function triangle(rows, ridge) {
  const factor = [];
  for (const [place, row] of rows.entries()) {
    const line = new Float64Array(place + 1);
    for (let before = 0; before < place; before++) {
      const other = factor[before];
      line[before] = (likeness(row, rows[before]) - dot(line, other, before)) / other[before];
    }
    line[place] = Math.sqrt(1 + ridge(place) - dot(line, line, place));
    factor.push(line);
  }
  return factor;
}

function dot(one, other, length) {
  let sum = 0;
  for (let place = 0; place < length; place++) sum += one[place] * other[place];
  return sum;
}

/** Solve for right-hand sides that are nothing above row `first`. */
function solve(factor, first, given) {
  const width = given[0].length;
  const answer = factor.map((_, row) =>
    row < first ? new Float64Array(width) : Float64Array.from(given[row - first]),
  );
  for (let row = first; row < factor.length; row++) {
    for (let before = first; before < row; before++)
      take(answer[row], answer[before], factor[row][before]);
    scale(answer[row], 1 / factor[row][row]);
  }
  for (let row = factor.length - 1; row >= 0; row--) {
    scale(answer[row], 1 / factor[row][row]);
    for (let before = 0; before < row; before++)
      take(answer[before], answer[row], factor[row][before]);
  }
  return answer;
}

function take(from, what, times) {
  for (let place = 0; place < from.length; place++) from[place] -= times * what[place];
}

function scale(what, times) {
  for (let place = 0; place < what.length; place++) what[place] *= times;
}

/** What was taught to a model; it changes the answers near the taught clips only. */
export class Taught {
  #rows;
  #added;
  #width;

  /**
   * @param {Float32Array[]} anchors
   * @param {{embedding: number[], scores: number[], index: number}[]} points `scores` are
   *   the model's own, `index` the right gloss
   * @param {number} width how many glosses there are, with the new ones
   */
  constructor(anchors, points, width) {
    this.#width = width;
    const missing = points.map(({ scores, index }) =>
      Float64Array.from(
        { length: width },
        (_, gloss) => (gloss === index ? 1 : 0) - (scores[gloss] ?? 0),
      ),
    );
    const embedded = points.map(({ embedding }) => embedding);
    this.#rows = [...anchors, ...embedded];
    this.#added = correction(anchors, embedded, missing);
  }

  /** Score all glosses, near 1 for the right one, given the model's own scores. */
  scores(embedding, own) {
    const scores = new Float64Array(this.#width);
    scores.set(own);
    this.#rows.forEach((row, place) => take(scores, this.#added[place], -likeness(embedding, row)));
    return scores;
  }
}

/** Give the probability of each gloss from its score. */
export function probabilitiesOf(scores) {
  const highest = Math.max(...scores);
  const raised = Float32Array.from(scores, (score) => Math.exp(SHARPNESS * (score - highest)));
  const sum = raised.reduce((total, one) => total + one, 0);
  return raised.map((one) => one / sum);
}

/**
 * Say what speaks against clips that are to be taught.
 *
 * @param {{embedding: number[], said: ArrayLike<number>}[]} takes `said` are the scores
 *   that were given before they are taught
 * @param {number} index the gloss they shall mean; -1 for a new one
 * @param {number[][]} earlier what was taught of the same gloss before
 * @returns {{kind: "another"|"unlike", place: number, index?: number}[]}
 */
export function doubtsOf(takes, index, earlier) {
  const found = [];
  for (const [place, { embedding, said }] of takes.entries()) {
    const others = Array.from(said, (score, gloss) => (gloss === index ? -Infinity : score));
    const best = others.indexOf(Math.max(...others));
    if (others[best] >= ANOTHER_WORD) found.push({ kind: "another", place, index: best });
    const same = [
      ...takes.filter((one) => one.embedding !== embedding).map((one) => one.embedding),
      ...earlier,
    ];
    const alike = same.map((one) => likeness(embedding, one));
    if (alike.length && Math.max(...alike) < UNLIKE) found.push({ kind: "unlike", place });
  }
  return found;
}
