// The door of the engine: all that a page may use of it; signnet.d.ts describes it.
export { encode as encodeNumbers } from "../browser/base64.js";
export { Problem } from "../browser/problem.js";
export { drawFigure, forgetColours } from "../figure/draw.js";
export { motionOfClip as motionOf } from "../figure/motions.js";
export { Player } from "../figure/player.js";
export { cleanWord } from "./lesson.js";
export { load, Model } from "./model.js";
