import { load } from "../engine/index.js";

const $ = (id) => document.getElementById(id);
const say = (text) => ($("says").textContent = text);
const attempt = (run) => run().catch((error) => say(error.message));
const asked = new URLSearchParams(location.search).get("model");
const model = await load(asked ?? "model/", {
  onProgress: (done, total) => say(`${Math.round((100 * done) / total)} % loaded`),
});

async function recogniseFilm() {
  const { predictions, abstained, hand } = await model.recognise($("film").files[0]);
  const [{ gloss, probability }] = predictions;
  say(`${gloss} (${Math.round(100 * probability)} %, ${hand})${abstained ? ", unsure" : ""}`);
}

async function watchCamera() {
  for await (const { kind, gloss } of model.stream(null, { video: $("video") }))
    if (kind === "sign") say(gloss);
}

async function teachFilm() {
  await model.teach($("gloss").value, $("film").files[0]);
  say(`${$("gloss").value} is taught`);
}

$("camera").onclick = () => attempt(watchCamera);
$("film").onchange = () => attempt(recogniseFilm);
$("teach").onsubmit = (event) => {
  event.preventDefault();
  attempt(teachFilm);
};
