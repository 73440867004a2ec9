import { load } from "../engine/index.js";

const $ = (id) => document.getElementById(id);
const say = (text) => ($("says").textContent = text);
const attempt = (run) => run().catch((error) => say(error.message));
const onProgress = (done, total) => say(`${Math.round((100 * done) / total)} % loaded`);
const folder = new URLSearchParams(location.search).get("model") ?? "model/";
const model = await attempt(() => load(folder, { onProgress }));
let watching = null;

async function recogniseFilm() {
  const { predictions, abstained, hand } = await model.recognise($("film").files[0]);
  const [{ gloss, probability }] = predictions;
  say(`${gloss} (${Math.round(100 * probability)} %, ${hand})${abstained ? ", unsure" : ""}`);
}

async function watchCamera() {
  if (watching) return watching.abort();
  const { signal } = (watching = new AbortController());
  try {
    for await (const { kind, gloss } of model.stream(null, { video: $("video"), signal }))
      if (kind === "sign") say(gloss);
  } finally {
    watching = null;
  }
}

async function teachFilm() {
  await model.teach($("gloss").value, $("film").files[0], { despiteDoubts: $("sure").checked });
  say(`${$("gloss").value} is taught`);
}

$("camera").onclick = () => attempt(watchCamera);
$("film").onchange = () => attempt(recogniseFilm);
$("teach").onsubmit = (event) => {
  event.preventDefault();
  attempt(teachFilm);
};
