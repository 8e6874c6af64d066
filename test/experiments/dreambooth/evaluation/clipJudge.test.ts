import { expect } from "chai";
import { describe, it } from "mocha";

import { clipJudge } from "../../../../experiments/dreambooth/evaluation/clipJudge.ts";
import type { Question } from "../../../../experiments/dreambooth/evaluation/question.ts";
import { runEagerly } from "../../../../framework/base/compile.ts";
import { clipFolder, clipPictures, clipTensors } from "../../../support/clip.ts";

const wanted = (prompt: string) => ({ prompt, count: 1, seed: 0 });
const question: Question = {
  class: wanted("a dog"),
  subject: wanted("a photo of a sks dog"),
  coloured: [],
  others: [wanted("a dog")],
  sampling: { steps: 1, guidanceScale: 1, eta: 0, batchSize: 1 },
};
const [first, second] = [clipPictures[0]!, clipPictures[1]!];
const subject = { pictures: [second], tokens: ["sks"] };
const context = { compile: runEagerly, print() {} };

describe("clipJudge()", () => {
  it("compares the subject's samples with its pictures, and samples with prompts without the token", async () => {
    const judge = await clipJudge(clipFolder, question, subject, context);
    const { clipI, clipT } = await judge.measure(new Map([["a photo of a sks dog", [first]]]));
    // transformers' cosines of the two pictures, and of the first with "a photo of a dog"
    const { values } = clipTensors("golden.safetensors").get("image_embeds")!;
    const length = values.length / clipPictures.length;
    const [a, b] = [0, 1].map((i) => values.slice(i * length, (i + 1) * length));
    expect(clipI).to.be.closeTo(cosine(a!, b!), 1e-5);
    const cosines = clipTensors("golden.safetensors").get("cosines")!.values;
    expect(clipT).to.be.closeTo(cosines[0]!, 1e-5);
    expect(await judge.measure(new Map([["a dog", [first]]])), "of a base").to.deep.equal({});
    judge.dispose();
  });

  it("measures nothing without a CLIP", async () => {
    const judge = await clipJudge(undefined, question, subject, context);
    expect(await judge.measure(new Map([["a photo of a sks dog", [first]]]))).to.deep.equal({});
    judge.dispose();
  });
});

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    Array.from(x).reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
