// What the folder of an export does not hold: the stream's settings and the parts of a body.
// A test compares them with recognise/stream_settings.py and skeleton.py.

/** See StreamSettings in Python; the model's card has `abstain_below`. */
export const STREAM = {
  raised: 0.95,
  lowered: 1.05,
  moving: 0.8,
  still: 0.4,
  reach: 0.85,
  speed_seconds: 0.15,
  lost_seconds: 0.5,
  rest_seconds: 0.8,
  down_seconds: 0.1,
  lead_seconds: 0.4,
  shortest_seconds: 0.6,
  hop_seconds: 0.25,
  window_seconds: [0.6, 2.5],
  split_seconds: 1.3,
  again_seconds: 0.5,
  settle_seconds: 0.25,
  word_cost: 0.7,
  gap_seconds: 1,
  rate: 30,
  abstain_below: 0.5,
  leniency: 0.75,
  floor: 0.4,
};

/** First joint and end of each part of the 553 joints. */
export const PARTS = { pose: [0, 33], left_hand: [33, 54], right_hand: [54, 75], face: [75, 553] };

const FINGERS = [1, 5, 9, 13, 17].flatMap((root) => [0, 1, 2].map((n) => [root + n, root + n + 1]));
const PALM = [[0, 1], [0, 5], [0, 17], [5, 9], [9, 13], [13, 17]]; // prettier-ignore

/** Pairs of joints within the hands to draw a line between. */
export const BONES = [PARTS.left_hand, PARTS.right_hand].flatMap(([start]) =>
  [...PALM, ...FINGERS].map((pair) => pair.map((joint) => start + joint)),
);
