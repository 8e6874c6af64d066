import { expect } from "chai";
import { describe, it } from "mocha";

import { drawnPictures } from "../../../../experiments/nano/pictures/drawnPictures.ts";
import { emojiPictures } from "../../../../experiments/nano/pictures/emojiPictures.ts";
import { syntheticData } from "../../textToImage/syntheticData.ts";

describe("drawnPictures()", () => {
  it("draws what it says", async () => {
    const pictures = await drawnPictures({ seed: 0, count: 150 });
    const red = pictures.find(({ questions }) =>
      /^A red (circle|square|heart)\.$/.test(questions[0]!.answer),
    );
    const pixels = Array.from({ length: 64 * 64 }, (_, i) =>
      [...red!.rgb.subarray(3 * i, 3 * i + 3)].join(),
    );
    expect(pixels).to.include("220,50,47").and.include("255,255,255");
    expect(pixels.filter((pixel) => pixel === "220,50,47").length).to.be.greaterThan(200);
  });

  it("shows the test's pairs of shape and colour nowhere in training", async () => {
    const pictures = await drawnPictures({ seed: 0, count: 400 });
    const named = (split: string): string[] =>
      pictures
        .filter((each) => each.split === split)
        .map(({ questions }) => questions[0]!.answer)
        .filter((answer) => /^An? \w+ \w+\.$/.test(answer));
    const seen = new Set(named("train"));
    expect(named("test").length).to.be.greaterThan(0);
    expect(named("test").filter((answer) => seen.has(answer))).to.deep.equal([]);
  });

  it("draws the same again, however many", async () => {
    const some = await drawnPictures({ seed: 0, count: 4 });
    expect(some).to.deep.equal((await drawnPictures({ seed: 0, count: 8 })).slice(0, 4));
  });
});

describe("emojiPictures()", () => {
  it("names concepts, their class and what they stand on", async () => {
    const pictures = await emojiPictures({
      seed: 0,
      variants: 2,
      data: { ...syntheticData(), sourceSize: 16 },
    });
    expect(pictures.length).to.equal(5);
    const [first] = pictures;
    expect(first!.split).to.equal("train");
    expect(first!.rgb.length).to.equal(64 * 64 * 3);
    expect(first!.questions).to.deep.equal([
      { question: "What is in the picture?", answer: "A cat face." },
      { question: "Describe the picture.", answer: "A cat face on a white background." },
      { question: "What colour is the background?", answer: "White." },
      { question: "What kind of thing is in the picture?", answer: "A cat." },
    ]);
    expect(pictures[4]!.split).to.not.equal("train");
  });
});
