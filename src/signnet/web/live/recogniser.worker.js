// Runs the model that Python runs, in WebAssembly with one thread, off the main thread.
import * as ort from "./vendor/ort.wasm.bundle.min.mjs";

const JOINTS = 553;
let session;

async function open({ wasm, model }) {
  ort.env.wasm.numThreads = 1; // two were slower, and need a site in cross-origin isolation
  ort.env.wasm.wasmBinary = wasm;
  ort.env.logLevel = "error";
  session = await ort.InferenceSession.create(new Uint8Array(model), {
    executionProviders: ["wasm"],
  });
  return {};
}

/** Give the probability of each gloss for landmarks [frames, 553, 3], NaN where unseen. */
async function classify({ landmarks, frames }) {
  const input = new ort.Tensor("float32", landmarks, [1, frames, JOINTS, 3]);
  const { probabilities } = await session.run({ landmarks: input });
  return { probabilities: Float32Array.from(probabilities.data) };
}

const tasks = { open, classify };

self.onmessage = async ({ data: { task, number, ...given } }) => {
  try {
    self.postMessage({ number, answer: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ number, error: String(error?.message ?? error) });
  }
};
