import { expect } from "chai";
import { describe, it } from "mocha";
import { RandomStream } from "seedbed";

import { pictureDataset } from "../../../../experiments/nano/vision/pictureDataset.ts";
import { pictureText } from "../../../../experiments/nano/vision/pictureText.ts";
import { pictures, tinyTokenizer } from "./tinyPictures.ts";

describe("pictureDataset()", () => {
  const tokenizer = tinyTokenizer();
  const options = { length: 40, imageTokens: 4 };
  const example = async (index: number, seed = 0) =>
    pictureDataset(pictures, tokenizer, options).get(index, new RandomStream(seed, "test"));

  it("has each picture with white as zero, channels first", async () => {
    const { pixels } = await example(0);
    expect(pixels!.shape).to.deep.equal([3, 64, 64]);
    const [red, green, blue] = [0, 1, 2].map((channel) => pixels!.values[channel * 64 * 64 + 7]!);
    expect(red).to.be.closeTo((220 / 255 - 1) / 0.25, 1e-6);
    expect(green)
      .to.equal(blue)
      .and.be.closeTo((40 / 255 - 1) / 0.25, 1e-6);
  });

  it("has its image tokens before a question, and learns the answer alone", async () => {
    const dataset = pictureDataset(pictures, tokenizer, { ...options, questions: "first" });
    const { ids, labels } = await dataset.get(1, new RandomStream(0, "unused"));
    expect([ids!.shape, labels!.shape]).to.deep.equal([[40], [40]]);
    expect(ids!.values.filter((id) => id === 3).length).to.equal(4);
    const learnt = [...labels!.values].filter((id) => id >= 0);
    expect(tokenizer.decode(learnt)).to.equal("A green square.");
    expect(learnt.at(-1)).to.equal(tokenizer.idOf("<|im_end|>"));
  });

  it("asks other questions at other visits", async () => {
    const texts = new Set<string>();
    for (let seed = 0; seed < 8; seed++) {
      texts.add(tokenizer.decode([...(await example(2, seed)).ids!.values]));
    }
    expect(texts.size).to.equal(2);
  });

  it("refuses texts that are longer than rows", async () => {
    const dataset = pictureDataset(pictures, tokenizer, { length: 10, imageTokens: 4 });
    const [result] = await Promise.allSettled([
      (async () => dataset.get(0, new RandomStream(0, "test")))(),
    ]);
    expect(String(result.status === "rejected" && result.reason)).to.match(
      /picture 0: expected at most 10 tokens, got \d+; give a larger length/,
    );
  });
});

describe("pictureText()", () => {
  it("ends where the assistant begins, if there is no answer", () => {
    expect(pictureText("What?", 2)).to.equal(
      "<|im_start|>user\n<image><image>What?<|im_end|>\n<|im_start|>assistant\n",
    );
    expect(pictureText("What?", 1, "A cat.")).to.equal(
      "<|im_start|>user\n<image>What?<|im_end|>\n<|im_start|>assistant\nA cat.<|im_end|>\n",
    );
  });
});
