// A program that uses all that is promised: `tsc` checks that signnet.d.ts describes it.
import {
  cleanWord,
  drawFigure,
  encodeNumbers,
  forgetColours,
  load,
  motionOf,
  Player,
  Problem,
  type Answer,
  type Clip,
  type Model,
  type SignEvent,
  type SignStream,
} from "../../../src/signnet/web/npm/signnet.js";

const clip: Clip = { landmarks: new Float32Array(553 * 3), fps: 25, name: "water" };

export async function everything(film: File, video: HTMLVideoElement): Promise<string> {
  const model = await load("model/", { onProgress: (done, total) => done / total, keep: true });
  await model.open();
  const answers: Answer[] = [await model.recognise(film), await model.recognise(clip)];
  const { signal } = new AbortController();
  const words: string[] = [];
  for await (const event of model.stream(null, { video, signal })) {
    const { kind, gloss }: SignEvent = event;
    if (kind === "sign" && gloss !== null) words.push(gloss);
  }
  try {
    if (model.canBeTaught) await model.teach("water", [film, clip], { despiteDoubts: true });
    await model.forget("water");
  } catch (error) {
    if (error instanceof Problem) words.push(...(error.doubts ?? []).map(({ kind }) => kind));
  }
  await model.restore(model.save());
  model.close();
  // @ts-expect-error: a number is no film
  await model.recognise(7);
  // @ts-expect-error: the vocabulary is the model's own
  model.vocabulary = [];
  const [first] = answers;
  return `${first?.predictions[0]?.gloss} ${first?.hand ?? "no hand"} ${words.join(" ")}`;
}

/** A page of its own: pauses, mends what was mistaken, looks up, and shows figures. */
export async function page(model: Model, canvas: HTMLCanvasElement, video: HTMLVideoElement) {
  const pen = canvas.getContext("2d");
  const stream: SignStream = model.stream(null, {
    video,
    recording: true,
    onFrame: ({ landmarks, obstacle }) => {
      if (pen && obstacle === null) drawFigure(pen, landmarks, model.skeleton, [0, 0, 1, 1]);
    },
  });
  const { device = "" } = await stream.open();
  const player = new Player(canvas, model.skeleton);
  for await (const event of stream) {
    const clip = model.clipOf(event);
    if (!clip) continue;
    player.show(motionOf(clip));
    const [near] = await model.nearest(clip, 5);
    player.show(near?.motion ?? (await model.motion(clip.predictions[0]?.gloss ?? "")));
    const [doubt] = model.doubts("water", [clip, await model.see(clip)]);
    if (doubt?.kind !== "another") await model.teach("water", clip);
    stream.record(false);
    stream.restart();
  }
  if (stream.isEnded && stream.kind === "film") await stream.resume();
  else if (!stream.isPaused && stream.fps < 5) await stream.pause();
  await stream.close();
  forgetColours();
  const { words, state } = model.taught ?? { words: [], state: {} };
  await model.taught?.restore(state);
  const { gloss } = cleanWord({ gloss: words[0]?.gloss ?? model.words[0]?.gloss ?? device });
  const share = (await model.missingBytes()) / model.bytes;
  return `${gloss} ${share} ${encodeNumbers([share], "Float32")}`;
}
