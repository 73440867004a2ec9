// A program that uses all that is promised: `tsc` checks that signnet.d.ts describes it.
import {
  load,
  Problem,
  type Answer,
  type Clip,
  type SignEvent,
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
