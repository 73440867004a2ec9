// Runs the browser's modules in node for the tests: reads one JSON object a line, each
// a question, and answers each with a line. While a stream runs, the model is asked
// through the same lines, so that both languages ask the very same model.

import { createInterface } from "node:readline";

import { assignHands } from "../../src/signnet/web/page/capture/hands.js";
import { StreamingRecogniser } from "../../src/signnet/web/page/recognise/stream.js";

const JOINTS = 553 * 3;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const say = (content) => process.stdout.write(`${JSON.stringify(content)}\n`);

const decode = (text) => {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer);
};
const encode = (floats) => Buffer.from(floats.buffer).toString("base64");

async function classify(landmarks, frames) {
  say({ ask: encode(landmarks), frames });
  return Float32Array.from(await next());
}

async function stream({ settings, times, landmarks }) {
  const joints = decode(landmarks);
  const recogniser = new StreamingRecogniser(classify, settings);
  const events = [];
  for (const [frame, time] of times.entries())
    events.push(
      ...(await recogniser.push(time, joints.subarray(frame * JOINTS, (frame + 1) * JOINTS))),
    );
  return [...events, ...(await recogniser.flush())];
}

function hands({ pose, hands: found }) {
  const { left, right } = assignHands(
    pose && decode(pose),
    found.map((hand) => ({ ...hand, landmarks: decode(hand.landmarks) })),
  );
  return { left: left && encode(left), right: right && encode(right) };
}

for (let question = await next(); question.kind; question = await next())
  say({
    answer: question.kind === "hands" ? hands(question) : await stream(question),
  });
