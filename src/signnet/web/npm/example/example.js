import { load } from "../engine/index.js";

const $ = (id) => document.getElementById(id);
const say = (text) => ($("says").textContent = text);
const attempt = (run) => run().catch((error) => say(error.message));
const onProgress = (done, total) => say(`${Math.round((100 * done) / total)} % loaded`);
const folder = new URLSearchParams(location.search).get("model") ?? "model/";
const loading = load(folder, { onProgress });
let watching = null;

async function recogniseFilm() {
  const { predictions, abstained, hand } = await (await loading).recognise($("film").files[0]);
  const [{ gloss, probability }] = predictions;
  say(`${gloss} (${Math.round(100 * probability)} %, ${hand})${abstained ? ", unsure" : ""}`);
}

async function watchCamera() {
  if (watching) return watching.abort();
  const { signal } = (watching = new AbortController());
  try {
    const model = await loading;
    for await (const { kind, gloss } of model.stream(null, { video: $("video"), signal }))
      if (kind === "sign") say(gloss);
  } finally {
    watching = null;
  }
}

async function teachFilm() {
  const model = await loading;
  await model.teach($("gloss").value, $("film").files[0], { despiteDoubts: $("sure").checked });
  say(`${$("gloss").value} is taught`);
}

attempt(() => loading);
$("camera").onclick = () => attempt(watchCamera);
$("film").onchange = () => attempt(recogniseFilm);
$("teach").onsubmit = (event) => {
  event.preventDefault();
  attempt(teachFilm);
};
