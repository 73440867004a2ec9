// Runs the model that Python runs, in WebAssembly with one thread, off the main thread,
// and what was taught to it.
import { probabilitiesOf, Taught } from "./teaching.js";
import * as ort from "../vendor/ort.wasm.bundle.min.mjs";

const JOINTS = 553;
let session;
let anchors = new Float32Array();
let taught = null;

async function open({ wasm, model, anchors: given }) {
  ort.env.wasm.numThreads = 1; // two were slower, and need a site in cross-origin isolation
  ort.env.wasm.wasmBinary = wasm;
  ort.env.logLevel = "error";
  session = await ort.InferenceSession.create(new Uint8Array(model), {
    executionProviders: ["wasm"],
  });
  if (given) anchors = new Float32Array(given);
  return {};
}

/** Teach points, in place of what was taught before; none brings the model back. */
async function teach({ points, width }) {
  if (!points.length) {
    taught = null;
    return {};
  }
  const axes = points[0].embedding.length;
  const rows = Array.from({ length: anchors.length / axes }, (_, row) =>
    anchors.subarray(row * axes, (row + 1) * axes),
  );
  taught = new Taught(rows, points, width);
  return {};
}

/**
 * Answer for landmarks [frames, 553, 3], NaN where unseen: the probability of each gloss;
 * of a model that can be taught also where the clip lies (`embedding`), the model's `own`
 * scores and those `said` after what it was taught.
 */
async function classify({ landmarks, frames }) {
  const input = new ort.Tensor("float32", landmarks, [1, frames, JOINTS, 3]);
  const { probabilities, embedding, scores } = await session.run({ landmarks: input });
  if (!embedding) return { probabilities: Float32Array.from(probabilities.data) };
  const [place, own] = [Array.from(embedding.data), Array.from(scores.data)];
  const said = taught ? taught.scores(place, own) : own;
  const chances = taught ? probabilitiesOf(said) : Float32Array.from(probabilities.data);
  return { probabilities: chances, embedding: place, own, said: Array.from(said) };
}

const tasks = { open, teach, classify };

self.onmessage = async ({ data: { task, number, ...given } }) => {
  try {
    self.postMessage({ number, answer: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ number, error: String(error?.message ?? error) });
  }
};
