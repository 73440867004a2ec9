// The engine's door: all that a page imports of it. Others install it as the package signnet.
export { load, Model } from "./model.js";
export { Problem } from "../browser/problem.js";

// What our own page uses beside the model; it may change with any version.
export { decode } from "../browser/base64.js";
export { loadAll } from "../browser/loader.js";
export { logError } from "../browser/problem.js";
export { listCameras, onCamerasChange } from "../capture/camera.js";
export { formatClock } from "../capture/film.js";
export { ObstacleWatch } from "../capture/obstacles.js";
export { motionOf, valuesOf } from "../figure/thinned.js";
export { Session } from "../recognise/session.js";
export { doubtsOf } from "../recognise/teaching.js";
export { attempt } from "../teach/exchange.js";
export { cleanWord, clipOf, today } from "../teach/lesson.js";
