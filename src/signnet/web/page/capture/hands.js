// Decides which detected hand is the signer's left one: extraction/hands.py for one frame.

const DIRECTION_WEIGHT = 0.1;
const LABEL_WEIGHT = 0.1;
const FAR = 0.5; // shoulder widths; no true hand was as far from its wrist
const OVERLAP = 0.4; // palm lengths between two detections that are one hand
const NARROWEST = 0.05; // a signer in profile has no shoulder width to speak of
const WRIST = 0;
const INDEX_ROOT = 5;
const PALM_END = 9;
const HAND_JOINTS = 21;
const SIDES = [
  { shoulder: 11, wrist: 15, index: 19, fingers: [17, 19, 21] },
  { shoulder: 12, wrist: 16, index: 20, fingers: [18, 20, 22] },
];

/**
 * Assign up to two detected hands to the signer's own sides.
 *
 * @param {Float32Array|null} pose [33, 3] in picture heights; null if no body was seen
 * @param {{landmarks: Float32Array, score: number, label: "Left"|"Right"}[]} hands
 *   landmarks [21, 3] in picture heights; the label names the signer's own side
 * @returns {{left: Float32Array|null, right: Float32Array|null}} the landmarks given
 */
export function assignHands(pose, hands) {
  const pair = hands.slice(0, 2).map(({ landmarks, score, label }) => ({
    landmarks,
    leftness: label === "Left" ? score : 1 - score,
  }));
  const [left, right] = isPosed(pose) ? byArms(pose, pair) : byLabels(pair);
  return { left: left?.landmarks ?? null, right: right?.landmarks ?? null };
}

/**
 * Move the wrists of a body that was found in an earlier picture to the hands of this one.
 *
 * @param {Float32Array} pose [33, 3] in picture heights
 * @param {{left: Float32Array|null, right: Float32Array|null}} hands see `assignHands`
 * @returns {Float32Array} a copy; wrists without a hand stay where they were
 */
export function followHands(pose, { left, right }) {
  const moved = pose.slice();
  for (const [hand, { wrist, fingers }] of [left, right].map((one, side) => [one, SIDES[side]])) {
    if (!hand) continue;
    const [x, y] = [0, 1].map((axis) => hand[axis] - pose[3 * wrist + axis]);
    for (const joint of [wrist, ...fingers]) {
      moved[3 * joint] += x;
      moved[3 * joint + 1] += y;
    }
  }
  return moved;
}

function isPosed(pose) {
  return pose !== null && SIDES.every(({ wrist }) => Number.isFinite(pose[3 * wrist]));
}

function byArms(pose, pair) {
  const apart = distance(pose, SIDES[0].shoulder, pose, SIDES[1].shoulder);
  const unit = Number.isFinite(apart) ? Math.max(apart, NARROWEST) : 1;
  const away = pair.map(({ landmarks }) =>
    SIDES.map(({ wrist }) => distance(landmarks, WRIST, pose, wrist) / unit),
  );
  const cost = pair.map((hand, slot) =>
    SIDES.map((arm, side) => away[slot][side] + doubt(pose, hand, arm, side)),
  );
  const isCrossed = fit(cost, 1, 0) < fit(cost, 0, 1);
  const order = isCrossed ? [1, 0] : [0, 1];
  const overlap = pair.length === 2 && isOverlapping(...pair);
  const isStray = (slot, side) =>
    pair.length === 2 &&
    away[slot][1 - side] < away[slot][side] &&
    (away[slot][side] > FAR || overlap);
  return order.map((slot, side) => (isStray(slot, side) ? undefined : pair[slot]));
}

/** Evidence against a side from a hand's direction and its label. */
function doubt(pose, { landmarks, leftness }, { wrist, index }, side) {
  const direction = 1 - cosine(landmarks, WRIST, INDEX_ROOT, pose, wrist, index);
  const label = side === 0 ? 1 - leftness : leftness;
  return DIRECTION_WEIGHT * (Number.isNaN(direction) ? 0 : direction) + LABEL_WEIGHT * label;
}

/** Cost of having the first hand on one side and the second on the other. */
function fit(cost, first, second) {
  const known = (slot, side) =>
    slot < cost.length && Number.isFinite(cost[slot][side]) ? cost[slot][side] : 0;
  return known(0, first) + known(1, second);
}

function byLabels(pair) {
  let [first, second] = pair;
  if (pair.length === 2 && isOverlapping(first, second)) {
    const isFirstWorse = Math.abs(first.leftness - 0.5) < Math.abs(second.leftness - 0.5);
    [first, second] = isFirstWorse ? [undefined, second] : [first, undefined];
  }
  const vote = (hand) => (hand ? hand.leftness - 0.5 : 0);
  return vote(second) - vote(first) > 0 ? [second, first] : [first, second];
}

function isOverlapping({ landmarks: first }, { landmarks: second }) {
  let apart = 0;
  for (let joint = 0; joint < HAND_JOINTS; joint++)
    apart += distance(first, joint, second, joint) / HAND_JOINTS;
  const palms = [first, second].map((hand) => distance(hand, PALM_END, hand, WRIST));
  return apart < (OVERLAP * (palms[0] + palms[1])) / 2;
}

function distance(first, from, second, to) {
  const x = first[3 * from] - second[3 * to];
  const y = first[3 * from + 1] - second[3 * to + 1];
  return Math.sqrt(x * x + y * y);
}

function cosine(first, firstFrom, firstTo, second, secondFrom, secondTo) {
  const [ax, ay] = arrow(first, firstFrom, firstTo);
  const [bx, by] = arrow(second, secondFrom, secondTo);
  return (ax * bx + ay * by) / Math.sqrt((ax * ax + ay * ay) * (bx * bx + by * by));
}

function arrow(points, from, to) {
  return [0, 1].map((axis) => points[3 * to + axis] - points[3 * from + axis]);
}
