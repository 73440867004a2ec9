// Runs the model that Python runs, and what was taught to it, off the main thread.
import * as ort from "../vendor/ort.wasm.bundle.min.mjs";
import { probabilitiesOf, TaughtModel } from "./teaching.js";

const JOINT_COUNT = 553;
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

/** Teach points in place of those taught before; without any the model is as it was. */
async function teach({ points, glossCount }) {
  if (!points.length) {
    taught = null;
    return {};
  }
  const axes = points[0].embedding.length;
  const rows = Array.from({ length: anchors.length / axes }, (_, row) =>
    anchors.subarray(row * axes, (row + 1) * axes),
  );
  taught = new TaughtModel(rows, points, glossCount);
  return {};
}

/**
 * Recognise landmarks [frames, 553, 3], NaN where unseen: `probabilities` of each gloss.
 *
 * A model that can be taught also gives the clip's `embedding`, the model's own scores
 * (`modelScores`) and the `scores` after teaching.
 */
async function classify({ landmarks, frames }) {
  const input = new ort.Tensor("float32", landmarks, [1, frames, JOINT_COUNT, 3]);
  const outputs = await session.run({ landmarks: input });
  const untaught = Float32Array.from(outputs.probabilities.data);
  if (!outputs.embedding) return { probabilities: untaught };
  const embedding = Array.from(outputs.embedding.data);
  const modelScores = Array.from(outputs.scores.data);
  const scores = taught ? Array.from(taught.scores(embedding, modelScores)) : modelScores;
  const probabilities = taught ? probabilitiesOf(scores) : untaught;
  return { probabilities, embedding, modelScores, scores };
}

const tasks = { open, teach, classify };

self.onmessage = async ({ data: { task, id, ...given } }) => {
  try {
    self.postMessage({ id, result: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};
