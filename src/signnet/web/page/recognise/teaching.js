// What is taught, as numbers: kernel ridge regression on what the model's own scores lack,
// as recognise/teaching.py fits it. The constants are those of recognise/teaching.py,
// doubts.py and exemplars.py.

export const SHARPNESS = 12; // scores are multiplied by it before they become probabilities
export const NEW_RIDGE = 0.01; // penalty on the taught clips
export const OLD_RIDGE = 0.1; // penalty on the anchors, at which answers shall stay the same
export const ABSTAIN_BELOW = 0.75; // probability below which a taught model is unsure
export const ANOTHER_WORD = 0.7; // from this score of another gloss on, a clip looks like it
export const UNLIKE = 0.2; // similarity below which two clips cannot be the same sign

/** Similarity of two embedded clips: exp(-distance²), 1 for the same embedding. */
function similarity(one, other) {
  let square = 0;
  for (let axis = 0; axis < one.length; axis++) square += (one[axis] - other[axis]) ** 2;
  return Math.exp(-square);
}

/**
 * Find weights of anchors and taught clips that add what is missing at the taught clips.
 *
 * @param {ArrayLike<number>[]} anchors [anchor, axis], embedded clips at which nothing
 *   shall change
 * @param {ArrayLike<number>[]} embeddings [clip, axis], the taught clips
 * @param {ArrayLike<number>[]} missing [clip, gloss], 1 for the right gloss and 0 for
 *   others, minus the model's own scores
 * @returns {Float64Array[]} [anchor then clip, gloss]
 */
export function correction(anchors, embeddings, missing) {
  const rows = [...anchors, ...embeddings];
  const ridge = (row) => (row < anchors.length ? OLD_RIDGE : NEW_RIDGE);
  return solve(factorise(rows, ridge), anchors.length, missing);
}

/** Cholesky factor of similarity plus ridge, row by row: a lower triangle. */
function factorise(rows, ridge) {
  const factor = [];
  for (const [row, embedding] of rows.entries()) {
    const line = new Float64Array(row + 1);
    for (let column = 0; column < row; column++) {
      const other = factor[column];
      const rest = similarity(embedding, rows[column]) - dot(line, other, column);
      line[column] = rest / other[column];
    }
    line[row] = Math.sqrt(1 + ridge(row) - dot(line, line, row));
    factor.push(line);
  }
  return factor;
}

function dot(one, other, length) {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += one[index] * other[index];
  return sum;
}

/** Solve for right-hand sides [row, gloss] that are 0 above row `first`. */
function solve(factor, first, rightHandSides) {
  const glossCount = rightHandSides[0].length;
  const solution = factor.map((_, row) =>
    row < first ? new Float64Array(glossCount) : Float64Array.from(rightHandSides[row - first]),
  );
  for (let row = first; row < factor.length; row++) {
    for (let column = first; column < row; column++)
      addScaled(solution[row], solution[column], -factor[row][column]);
    scale(solution[row], 1 / factor[row][row]);
  }
  for (let row = factor.length - 1; row >= 0; row--) {
    scale(solution[row], 1 / factor[row][row]);
    for (let column = 0; column < row; column++)
      addScaled(solution[column], solution[row], -factor[row][column]);
  }
  return solution;
}

/** Add a multiple of a vector to another one, in place. */
function addScaled(vector, other, times) {
  for (let index = 0; index < vector.length; index++) vector[index] += times * other[index];
}

function scale(vector, times) {
  for (let index = 0; index < vector.length; index++) vector[index] *= times;
}

/** A model and the clips taught to it, which change the answers near these clips only. */
export class TaughtModel {
  #rows;
  #weights;
  #glossCount;

  /**
   * @param {Float32Array[]} anchors [anchor, axis]
   * @param {{embedding: number[], scores: number[], index: number}[]} points the taught
   *   clips: the model's own scores, and the index of the right gloss
   * @param {number} glossCount size of the vocabulary with the new glosses
   */
  constructor(anchors, points, glossCount) {
    this.#glossCount = glossCount;
    const missing = points.map(({ scores, index }) =>
      Float64Array.from(
        { length: glossCount },
        (_, gloss) => (gloss === index ? 1 : 0) - (scores[gloss] ?? 0),
      ),
    );
    const embeddings = points.map(({ embedding }) => embedding);
    this.#rows = [...anchors, ...embeddings];
    this.#weights = correction(anchors, embeddings, missing);
  }

  /**
   * Score every gloss for a clip, near 1 for the right one.
   *
   * @param {ArrayLike<number>} embedding [axis]
   * @param {ArrayLike<number>} modelScores the model's own, without the new glosses
   * @returns {Float64Array} [gloss]
   */
  scores(embedding, modelScores) {
    const scores = new Float64Array(this.#glossCount);
    scores.set(modelScores);
    for (const [index, row] of this.#rows.entries())
      addScaled(scores, this.#weights[index], similarity(embedding, row));
    return scores;
  }
}

/** Turn the scores of all glosses into probabilities. */
export function probabilitiesOf(scores) {
  const highest = Math.max(...scores);
  const raised = Float32Array.from(scores, (score) => Math.exp(SHARPNESS * (score - highest)));
  const sum = raised.reduce((total, one) => total + one, 0);
  return raised.map((one) => one / sum);
}

/**
 * Find reasons against teaching clips.
 *
 * @param {{embedding: number[], scores: ArrayLike<number>}[]} clips `scores` as they are
 *   before these clips are taught
 * @param {number} gloss index of the gloss they shall have; -1 for a new one
 * @param {number[][]} earlier embeddings of clips taught before with the same gloss
 * @returns {{kind: "another"|"unlike", clip: number, gloss?: number}[]} which clip, and
 *   which other gloss it looks like
 */
export function doubtsOf(clips, gloss, earlier) {
  const doubts = [];
  for (const [clip, { embedding, scores }] of clips.entries()) {
    const others = Array.from(scores, (score, index) => (index === gloss ? -Infinity : score));
    const best = others.indexOf(Math.max(...others));
    if (others[best] >= ANOTHER_WORD) doubts.push({ kind: "another", clip, gloss: best });
    const rest = clips.map((one) => one.embedding).filter((one) => one !== embedding);
    const similarities = [...rest, ...earlier].map((one) => similarity(embedding, one));
    if (similarities.length && Math.max(...similarities) < UNLIKE)
      doubts.push({ kind: "unlike", clip });
  }
  return doubts;
}
