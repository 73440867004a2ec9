// Draws a signer's joints: thin over a picture, or as a figure of its own.

const POSE = {
  nose: 0,
  ears: [7, 8],
  shoulders: [11, 12],
  elbows: [13, 14],
  wrists: [15, 16],
  hips: [23, 24],
};
const SIDES = ["left_hand", "right_hand"];

function colours(canvas) {
  const style = getComputedStyle(canvas);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    left: read("--left"),
    right: read("--right"),
    body: read("--body"),
    limb: read("--limb"),
    face: read("--face"),
  };
}

const palettes = new Map();
/** Read the colours anew, because the page's scheme has changed. */
export const forgetColours = () => palettes.clear();
globalThis.matchMedia?.("(prefers-color-scheme: dark)").addEventListener("change", forgetColours);

/**
 * Draw a signer's joints in one frame.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {Float32Array} joints [553, 3] in picture heights, NaN where unseen
 * @param {{parts: Object, bones: number[][], face: Object}} skeleton from skeleton.json
 * @param {number[]} box left, top, width, height of the part to show, in picture heights
 * @param {{isSolid: boolean}} options `isSolid` fills the trunk and the head
 */
export function drawFigure(pen, joints, skeleton, box, { isSolid = false } = {}) {
  const { canvas } = pen;
  if (!palettes.has(canvas.id)) palettes.set(canvas.id, colours(canvas));
  const palette = palettes.get(canvas.id);
  const [left, top, width, height] = box;
  const zoom = Math.min(canvas.width / width, canvas.height / height);
  const [x0, y0] = [
    (canvas.width - width * zoom) / 2 - left * zoom,
    (canvas.height - height * zoom) / 2 - top * zoom,
  ];
  const at = (joint) => [joints[joint * 3] * zoom + x0, joints[joint * 3 + 1] * zoom + y0];
  const size = widthOf(at(POSE.shoulders[0]), at(POSE.shoulders[1]), canvas.height / 4);
  pen.lineCap = pen.lineJoin = "round";
  if (isSolid) drawBody(pen, at, size, palette);
  drawArms(pen, at, size, palette, isSolid);
  if (isSolid) drawFace(pen, at, skeleton, size, palette);
  for (const side of SIDES) drawHand(pen, at, skeleton, side, size, palette, isSolid);
}

const seen = ([x]) => Number.isFinite(x);
const widthOf = (a, b, fallback) =>
  seen(a) && seen(b) ? Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), fallback / 4) : fallback;
const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

function path(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
}

function drawBody(pen, at, size, palette) {
  const [left, right] = POSE.shoulders.map(at);
  const hips = POSE.hips.map(at);
  pen.fillStyle = pen.strokeStyle = palette.body;
  pen.lineWidth = size * 0.26;
  if ([left, right, ...hips].every(seen)) {
    path(pen, [left, right, hips[1], hips[0]]);
    pen.closePath();
    pen.fill();
    pen.stroke();
  }
  const ears = POSE.ears.map(at);
  if (!ears.every(seen)) return;
  const [x, y] = middle(...ears);
  const radius = size * 0.27;
  path(pen, [middle(left, right), [x, y + radius * 0.6]]);
  pen.lineWidth = size * 0.2;
  pen.stroke();
  pen.beginPath();
  pen.ellipse(x, y - radius * 0.1, radius, radius * 1.28, 0, 0, 2 * Math.PI);
  pen.fill();
}

function drawArms(pen, at, size, palette, isSolid) {
  [0, 1].forEach((side) => {
    const arm = [POSE.shoulders, POSE.elbows, POSE.wrists]
      .map((pair) => at(pair[side]))
      .filter(seen);
    if (arm.length < 2) return;
    pen.strokeStyle = palette.limb;
    pen.lineWidth = size * (isSolid ? 0.15 : 0.03);
    path(pen, arm);
    pen.stroke();
  });
  const shoulders = POSE.shoulders.map(at);
  if (isSolid || !shoulders.every(seen)) return;
  path(pen, shoulders);
  pen.stroke();
}

// Face mesh numbers along lines, in the order in which they are drawn.
const BROWS = [
  [70, 63, 105, 66, 107],
  [336, 296, 334, 293, 300],
];
const EYES = [
  [33, 160, 158, 133, 153, 144],
  [362, 385, 387, 263, 373, 380],
];
const POSE_FACE = { eyes: [2, 5], mouth: [9, 10] }; // of the pose, where no face was tracked
const LIPS = [61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91];

function drawFace(pen, at, { parts }, size, palette) {
  const line = (landmarks) =>
    landmarks.map((landmark) => at(parts.face[0] + landmark)).filter(seen);
  pen.strokeStyle = pen.fillStyle = palette.face;
  pen.lineWidth = Math.max(size * 0.014, 1);
  if (!seen(at(parts.face[0] + LIPS[0]))) {
    drawPoseFace(pen, at, size);
    return;
  }
  for (const brow of BROWS) {
    path(pen, line(brow));
    pen.stroke();
  }
  for (const closed of [...EYES, LIPS]) {
    path(pen, line(closed));
    pen.closePath();
    if (closed === LIPS) pen.stroke();
    else pen.fill();
  }
}

function drawPoseFace(pen, at, size) {
  for (const eye of POSE_FACE.eyes.map(at).filter(seen)) {
    pen.beginPath();
    pen.arc(...eye, size * 0.022, 0, 2 * Math.PI);
    pen.fill();
  }
  path(pen, POSE_FACE.mouth.map(at).filter(seen));
  pen.stroke();
}

const PALM = [0, 1, 5, 9, 13, 17];

function drawHand(pen, at, { parts, bones }, side, size, palette, isSolid) {
  const [start, stop] = parts[side];
  if (!seen(at(start))) return;
  const own = bones.filter(([from]) => from >= start && from < stop);
  pen.strokeStyle = pen.fillStyle = side === "left_hand" ? palette.left : palette.right;
  pen.lineWidth = Math.max(size * (isSolid ? 0.05 : 0.028), 1.5);
  if (isSolid) {
    path(
      pen,
      PALM.map((joint) => at(start + joint)),
    );
    pen.globalAlpha = 0.55;
    pen.fill();
    pen.globalAlpha = 1;
  }
  for (const [from, to] of own) {
    path(pen, [at(from), at(to)]);
    pen.stroke();
  }
  for (let joint = start; joint < stop; joint++) {
    pen.beginPath();
    pen.arc(...at(joint), Math.max(size * 0.024, 1.6), 0, 2 * Math.PI);
    pen.fill();
  }
}
