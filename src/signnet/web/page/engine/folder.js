// The folder of a model at an address, as `signnet site` or `signnet export` writes it.
import { hashOf, loadBlob, loadJson, ROOT } from "../browser/loader.js";
import { readNpy } from "./npy.js";
import { BONES, PARTS, STREAM } from "./settings.js";

const INDEX = "files.json";
const TAUGHT = "taught.json";
const RUNTIME = ["tracker", "runtime"]; // programs, which belong to the engine's own code

/**
 * Read the small files of a model, and find the large ones.
 *
 * @param {string|URL} address of the folder, relative to the page
 * @param {{pose: string, hands: string}} [landmarkers] addresses of MediaPipe's models, for a
 *   folder without them
 * @returns {Promise<{card: Object, meanings: Object, settings: Object, skeleton: Object,
 *   files: Object, sha256: string|null, taught: string|null}>} `files` see Engine; `sha256`
 *   of the graph; `taught` the address of taught.json
 * @throws {Problem} network, missing or damaged
 */
export async function readFolder(address, landmarkers) {
  const url = folderOf(address);
  const index = await orNull(loadJson(url(INDEX)));
  const found = index ? await readSite(url, index) : await readExport(url);
  const files = { ...found.files, ...(url("") === ROOT ? {} : await ownRuntime()) };
  for (const [name, path] of Object.entries(landmarkers ?? {}))
    files[name] = { path: new URL(path, document.baseURI).href, bytes: 0 };
  return { ...found, files };
}

/** Give a function that makes the address of a file in a folder. */
function folderOf(address) {
  const folder = new URL(address, document.baseURI);
  folder.search = folder.hash = "";
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  return (name) => new URL(name, folder).href;
}

/** Give null for a file that is not there. */
async function orNull(loading) {
  try {
    return await loading;
  } catch (error) {
    if (error.code === "missing") return null;
    throw error;
  }
}

async function ownRuntime() {
  const { large } = await loadJson(`${ROOT}${INDEX}`);
  const entries = RUNTIME.map((name) => [name, large[name]]);
  return Object.fromEntries(
    entries.map(([name, file]) => [name, { ...file, path: `${ROOT}${file.path}` }]),
  );
}

async function readSite(url, { large, shell }) {
  const names = ["model", "words", "stream", "skeleton"];
  const contents = await Promise.all(names.map((name) => loadJson(url(`${name}.json`))));
  const [card, meanings, settings, skeleton] = contents;
  const entries = Object.entries(large);
  const files = Object.fromEntries(
    entries.map(([name, file]) => [name, { ...file, path: url(file.path) }]),
  );
  const taught = shell.includes(TAUGHT) ? url(TAUGHT) : null;
  return { card, meanings, settings, skeleton, files, sha256: large.model.sha256, taught };
}

async function readExport(url) {
  const bytesOf = async (name) => (await loadBlob(url(name))).arrayBuffer();
  const [card, graph, meanings, stored, taught] = await Promise.all([
    loadJson(url("model.json")),
    bytesOf("model.onnx"),
    orNull(loadJson(url("words.json"))),
    orNull(bytesOf("anchors.npy")),
    orNull(loadBlob(url(TAUGHT))),
  ]);
  const anchors = stored && readNpy(stored);
  const { axes, weights } = card.embedding ?? {};
  const onePart = anchors ? { axes: [anchors.columns], weights: [1] } : undefined;
  const content = ([name, buffer]) => [
    name,
    { path: url(name), bytes: buffer.byteLength, content: buffer },
  ];
  const given = anchors ? { model: graph, anchors: anchors.values.buffer } : { model: graph };
  return {
    card: { ...card, embedding: axes?.length ? { axes, weights } : onePart },
    meanings: meanings ?? {},
    settings: { ...STREAM, abstain_below: card.abstain_below },
    skeleton: { parts: PARTS, bones: BONES },
    files: Object.fromEntries(Object.entries(given).map(content)),
    sha256: globalThis.crypto?.subtle ? await hashOf(graph) : null,
    taught: taught && url(TAUGHT),
  };
}
