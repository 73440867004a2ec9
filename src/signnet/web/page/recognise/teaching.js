// What is taught, as numbers: kernel ridge regression on what the model's own scores lack,
// as recognise/teaching.py fits it. The constants are those of recognise/teaching.py,
// doubts.py, exemplars.py and familiarity.py.

export const SHARPNESS = 12; // scores are multiplied by it before they become probabilities
export const NEW_RIDGE = 0.01; // penalty on the taught clips
export const OLD_RIDGE = 0.1; // penalty on the anchors, at which answers shall stay the same
export const ABSTAIN_BELOW = 0.6; // probability below which a taught model is unsure
export const ANOTHER_WORD = 0.7; // from this score of another gloss on, a clip looks like it
export const UNLIKE = 0.2; // similarity below which two clips cannot be the same sign
export const WORD_SHARPNESS = 16; // SHARPNESS of a base, which has no words of its own
export const UNRELATED = 0.21; // what a word of one clip scores for signs that are not its own
export const UNRELATED_PER_DOUBLING = 0.1; // more with each doubling of the word's clips
export const HANDICAP = 0.05; // score by which a new word must outdo the model's own words
export const SURE_ABOVE = 0.5; // probability from which a taught base is sure
const LEAST = 1e-12; // a smaller probability of the model's counts as this one

/**
 * Compute how similar two embedded clips are: the weighted sum over the parts of their
 * embedding of exp(-distance²).
 *
 * @param {ArrayLike<number>} one [axis]
 * @param {ArrayLike<number>} other [axis]
 * @param {{axes: number[], weights: number[]}} parts how many axes each part has, and how
 *   much it counts; without it the embedding is one part
 * @returns {number} the sum of the weights for the same embedding
 */
export function similarity(one, other, parts = { axes: [one.length], weights: [1] }) {
  let [sum, axis] = [0, 0];
  for (let part = 0; part < parts.axes.length; part++) {
    let square = 0;
    for (const end = axis + parts.axes[part]; axis < end; axis++)
      square += (one[axis] - other[axis]) ** 2;
    sum += parts.weights[part] * Math.exp(-square);
  }
  return sum;
}

/**
 * Find weights of anchors and taught clips that add what is missing at the taught clips.
 *
 * @param {ArrayLike<number>[]} anchors [anchor, axis], embedded clips at which nothing
 *   shall change; there may be none
 * @param {ArrayLike<number>[]} embeddings [clip, axis], the taught clips, at least one
 * @param {ArrayLike<number>[]} missing [clip, gloss], 1 for the right gloss and 0 for
 *   others, minus the model's own scores
 * @param {{axes: number[], weights: number[]}} [parts] see similarity
 * @returns {Float64Array[]} [anchor then clip, gloss]
 */
export function correction(anchors, embeddings, missing, parts) {
  const rows = [...anchors, ...embeddings];
  const ridge = (row) => (row < anchors.length ? OLD_RIDGE : NEW_RIDGE);
  return solve(factorise(rows, ridge, parts), anchors.length, missing);
}

/** Cholesky factor of similarity plus ridge, row by row: a lower triangle. */
function factorise(rows, ridge, parts) {
  const factor = [];
  for (const [row, embedding] of rows.entries()) {
    const line = new Float64Array(row + 1);
    for (let column = 0; column < row; column++) {
      const other = factor[column];
      const rest = similarity(embedding, rows[column], parts) - dot(line, other, column);
      line[column] = rest / other[column];
    }
    const own = similarity(embedding, embedding, parts) + ridge(row);
    line[row] = Math.sqrt(own - dot(line, line, row));
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

/** Add the weights [row][gloss] to scores, each times the similarity of its row. */
function addSimilar(scores, embedding, rows, weights, parts) {
  for (const [index, row] of rows.entries())
    addScaled(scores, weights[index], similarity(embedding, row, parts));
}

/** A model, the clips taught to it, which change its answers near them, and what it forgot. */
export class TaughtModel {
  #parts;
  #rows = [];
  #weights = [];
  #kept;
  #glossCount;
  #clipCounts;
  #apart; // how the new words of a model with a base are scored by themselves

  /**
   * @param {{anchors: Float32Array[], parts?: Object}} model `anchors` [anchor, axis];
   *   `parts` of its embedding, see similarity
   * @param {{points: {embedding: ArrayLike<number>, scores: ArrayLike<number>,
   *   index: number}[], glossCount: number, forgotten: number[]}} lesson the taught clips
   *   with the model's own scores and the index of the right gloss; the number of the
   *   model's glosses and the new ones together; which of them are no longer answered
   */
  constructor({ anchors, parts }, { points, glossCount, forgotten }) {
    this.#parts = parts;
    this.#glossCount = glossCount;
    const glosses = Array.from({ length: glossCount }, (_, gloss) => gloss);
    this.#kept = glosses.filter((gloss) => !forgotten.includes(gloss));
    this.#clipCounts = glosses.map((gloss) => points.filter((one) => one.index === gloss).length);
    if (!points.length) return;
    const missing = points.map(({ scores, index }) =>
      Float64Array.from(glosses, (gloss) => (gloss === index ? 1 : 0) - (scores[gloss] ?? 0)),
    );
    const embeddings = points.map(({ embedding }) => embedding);
    this.#rows = [...anchors, ...embeddings];
    this.#weights = correction(anchors, embeddings, missing, parts);
    const known = points[0].scores.length;
    const fresh = points.filter(({ index }) => index >= known);
    if (known && fresh.length && parts?.axes.length > 1)
      this.#apart = new Apart(fresh, known, glossCount, parts.axes.at(-1));
  }

  /**
   * Answer a clip, with the glosses that were not forgotten.
   *
   * @param {{embedding: ArrayLike<number>, scores: ArrayLike<number>,
   *   probabilities: ArrayLike<number>}} clip `embedding` [axis]; the model's own scores
   *   and probabilities [gloss of the model], empty for a model without glosses
   * @returns {{scores: Float64Array, probabilities: Float32Array}} [kept gloss]; scores
   *   are near 1 for the right gloss; what the probabilities of a model without glosses lack
   *   of a sum of 1 says that the sign is none of the taught words
   */
  answer({ embedding, scores, probabilities }) {
    const change = this.#change(embedding);
    if (!scores.length && this.#rows.length)
      return { scores: change, probabilities: this.#familiar(change) };
    const total = logSumExp(Array.from(scores, (score) => SHARPNESS * score));
    const evidence = this.#kept.map((gloss) => {
      const own =
        gloss < scores.length ? Math.log(Math.max(probabilities[gloss], LEAST)) + total : 0;
      return own + SHARPNESS * change[gloss];
    });
    const sum = logSumExp(evidence);
    return {
      scores: Float64Array.from(this.#kept, (gloss) => (scores[gloss] ?? 0) + change[gloss]),
      probabilities: Float32Array.from(evidence, (one) => Math.exp(one - sum)),
    };
  }

  /** The probability of each word taught to a base. */
  #familiar(scores) {
    const evidence = Array.from(scores, (score, gloss) => {
      const unrelated = UNRELATED + UNRELATED_PER_DOUBLING * Math.log2(this.#clipCounts[gloss]);
      return WORD_SHARPNESS * (score - unrelated);
    });
    const total = logSumExp([...evidence, 0]);
    return Float32Array.from(evidence, (one) => Math.exp(one - total));
  }

  /** What the taught clips add to the scores of all glosses. */
  #change(embedding) {
    const change = new Float64Array(this.#glossCount);
    addSimilar(change, embedding, this.#rows, this.#weights, this.#parts);
    this.#apart?.scores(embedding).forEach((score, gloss) => {
      const below = HANDICAP + UNRELATED_PER_DOUBLING * Math.log2(this.#clipCounts[gloss]);
      if (gloss >= this.#apart.known) change[gloss] = Math.max(change[gloss], score - below);
    });
    return change;
  }
}

/** New words of a trained model, compared in the base's part of the embedding alone. */
class Apart {
  #rows;
  #weights;
  #axes;

  constructor(points, known, glossCount, axes) {
    this.known = known;
    this.#axes = axes;
    this.#rows = points.map(({ embedding }) => this.#partOf(embedding));
    const right = points.map(({ index }) =>
      Float64Array.from({ length: glossCount }, (_, gloss) => (gloss === index ? 1 : 0)),
    );
    this.#weights = correction([], this.#rows, right);
  }

  scores(embedding) {
    const scores = new Float64Array(this.#weights[0].length);
    addSimilar(scores, this.#partOf(embedding), this.#rows, this.#weights);
    return scores;
  }

  #partOf(embedding) {
    return embedding.slice(embedding.length - this.#axes);
  }
}

function logSumExp(values) {
  const highest = Math.max(...values);
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

/**
 * Find reasons against teaching clips.
 *
 * @param {{embedding: ArrayLike<number>, scores: ArrayLike<number>, glosses: string[]}[]}
 *   clips `scores` of these glosses as they are before the clips are taught
 * @param {string} gloss the one that they shall have
 * @param {ArrayLike<number>[]} earlier embeddings of clips taught before with this gloss
 * @param {{axes: number[], weights: number[]}} [parts] see similarity
 * @returns {{kind: "another"|"unlike", clip: number, gloss?: string}[]} which clip, and
 *   which other gloss it looks like
 */
export function doubtsOf(clips, gloss, earlier, parts) {
  const doubts = [];
  for (const [clip, { embedding, scores, glosses }] of clips.entries()) {
    const others = Array.from(scores, (score, index) =>
      glosses[index] === gloss ? -Infinity : score,
    );
    const best = others.indexOf(Math.max(...others));
    if (others[best] >= ANOTHER_WORD) doubts.push({ kind: "another", clip, gloss: glosses[best] });
    const rest = clips.map((one) => one.embedding).filter((one) => one !== embedding);
    const similarities = [...rest, ...earlier].map((one) => similarity(embedding, one, parts));
    if (similarities.length && Math.max(...similarities) < UNLIKE)
      doubts.push({ kind: "unlike", clip });
  }
  return doubts;
}
