// Runs the model that Python runs, and what was taught to it, off the main thread.
import * as ort from "../vendor/ort.wasm.bundle.min.mjs";
import { TaughtModel } from "./teaching.js";

const JOINT_COUNT = 553;
const NONE = new Float32Array();
let session;
let model; // {anchors, parts}; see TaughtModel
let taught = null;

/**
 * Start the model.
 *
 * @param {{wasm: ArrayBuffer, model: ArrayBuffer, anchors?: ArrayBuffer,
 *   embedding?: {axes: number[], weights: number[]}}} given the runtime, the graph, and what
 *   teaching needs: see TaughtModel
 */
async function open({ wasm, model: graph, anchors, embedding: parts }) {
  ort.env.wasm.numThreads = 1; // two were slower, and need a site in cross-origin isolation
  ort.env.wasm.wasmBinary = wasm;
  ort.env.logLevel = "error";
  session = await ort.InferenceSession.create(new Uint8Array(graph), {
    executionProviders: ["wasm"],
  });
  ort.env.wasm.wasmBinary = undefined; // it is compiled; 14 MB
  model = { anchors: rowsOf(new Float32Array(anchors ?? 0), lengthOf(parts)), parts };
  return {};
}

const lengthOf = (parts) => parts?.axes.reduce((sum, axes) => sum + axes, 0) ?? 0;

function rowsOf(values, length) {
  return Array.from({ length: length ? values.length / length : 0 }, (_, row) =>
    values.subarray(row * length, (row + 1) * length),
  );
}

/** Teach a lesson (see TaughtModel) in place of the one before; null gives the model back. */
async function teach({ lesson }) {
  taught = lesson && new TaughtModel(model, lesson);
  return {};
}

/**
 * Recognise landmarks [frames, 553, 3], NaN where unseen: `probabilities` of each gloss.
 *
 * A model that can be taught also gives the clip's `embedding`, what the model itself says
 * (`modelScores` and `modelProbabilities`, none if it has no glosses) and the `scores` after
 * teaching.
 */
async function classify({ landmarks, frames }) {
  const input = new ort.Tensor("float32", landmarks, [1, frames, JOINT_COUNT, 3]);
  const outputs = await session.run({ landmarks: input });
  const valuesOf = (name) => Float32Array.from(outputs[name]?.data ?? NONE);
  const probabilities = valuesOf("probabilities");
  if (!outputs.embedding) return { probabilities };
  const [embedding, scores] = [valuesOf("embedding"), valuesOf("scores")];
  if (embedding.length !== lengthOf(model.parts))
    throw new Error(`the graph embeds in ${embedding.length} axes, its card says otherwise`);
  const answer = taught?.answer({ embedding, scores, probabilities });
  const own = { embedding, modelScores: scores, modelProbabilities: probabilities };
  return { ...own, ...(answer ?? { scores, probabilities }) };
}

const tasks = { open, teach, classify };

self.onmessage = async ({ data: { task, id, ...given } }) => {
  try {
    self.postMessage({ id, result: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};
