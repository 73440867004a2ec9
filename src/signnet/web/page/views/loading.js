// What a start loads, and how far that is.
import { megabytes, t } from "../text/i18n.js";

/** Load and start a model; the stage shows the progress. */
export async function loadModel(model, stage) {
  const { bytes } = model;
  const show = (done, total) => stage.showProgress(done, total);
  show(0, bytes);
  await model.open(show);
  show(bytes, bytes); // they may have been there before
}

/** Say on the welcome card how much a start would load. */
export async function showSize(model) {
  const { bytes } = model;
  const missing = await model.missingBytes();
  const key = missing === bytes ? "sizeNote" : "sizeRest";
  const note = document.getElementById("size-note");
  note.textContent = missing ? t(key, megabytes(missing)) : t("sizeStored");
}
