import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import {
  disposePipeline,
  loadPipeline,
  runEagerly,
  textToImage,
  type PipelineComponents,
  type TextToImage,
} from "seedbed";

import { tokenIds } from "../../../experiments/dreambooth/dataset.ts";
import { isPlain, literalTextToImage } from "../../../experiments/dreambooth/literalPrompts.ts";

describe("literalTextToImage()", () => {
  let components: PipelineComponents;
  before(() => {
    components = loadPipeline("test/fixtures/stable-diffusion/tiny-sd-a");
  });
  after(() => disposePipeline(components));

  /** The ids that the text encoder is given for a prompt, and one picture of it. */
  async function drawn(
    make: (components: PipelineComponents) => TextToImage,
    prompt: string,
  ): Promise<{ ids: number[]; picture: number[] }> {
    const { model } = components.textEncoder;
    const seen: number[][] = [];
    const encoder = Object.create(model, {
      encode: {
        value: (ids: Parameters<typeof model.encode>[0], ...rest: []) => {
          seen.push([...ids.dataSync()]);
          return model.encode(ids, ...rest);
        },
      },
    });
    const generator = make({
      ...components,
      textEncoder: { ...components.textEncoder, model: encoder },
    });
    const request = { prompts: [prompt], seeds: [1], steps: 1, guidanceScale: 1 };
    const { values } = await generator.generate(request);
    generator.dispose();
    return { ids: seen[0]!, picture: [...values] };
  }

  const literally = (parts: PipelineComponents) => literalTextToImage(parts, runEagerly);
  const weighing = (parts: PipelineComponents) => textToImage(parts, runEagerly);

  it("encodes brackets as training does", async () => {
    const { ids } = await drawn(literally, "a [V] cat");
    expect(ids).to.deep.equal([...tokenIds(components, "a [V] cat").values]);
    expect((await drawn(weighing, "a [V] cat")).ids).to.not.deep.equal(ids);
  });

  it("draws the same picture, to the bit, of prompts without brackets", async () => {
    const { picture } = await drawn(literally, "a cat: one, two");
    expect((await drawn(weighing, "a cat: one, two")).picture).to.deep.equal(picture);
  });
});

describe("isPlain()", () => {
  for (const [prompt, expected] of [
    ["a sks cat, on a beach: one.", true],
    ["", true],
    ["a [V] cat", false],
    ["a (cat:1)", false],
    [String.raw`a \(cat\)`, false],
    ["a cat BREAK a dog", false],
  ] as const) {
    it(`is ${expected} for "${prompt}"`, () => expect(isPlain(prompt)).to.equal(expected));
  }
});
