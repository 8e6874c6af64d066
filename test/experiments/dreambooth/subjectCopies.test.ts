import { expect } from "chai";
import { describe, it } from "mocha";

import {
  namedBackgrounds,
  plainPicture,
  subjectCopies,
} from "../../../experiments/dreambooth/subjectCopies.ts";
import { rgbaImage, type RgbImage } from "../../../framework/data/image.ts";

const clear = [0, 0, 0, 0];
const green = [0, 200, 0, 255];

/** A black square of 8 pixels in the middle of 16, on nothing or on something opaque. */
function square(around: readonly number[]) {
  const data = Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => around[i % 4]!);
  for (let y = 4; y < 12; y++) {
    for (let x = 4; x < 12; x++) data.set([0, 0, 0, 255], (y * 16 + x) * 4);
  }
  return rgbaImage(16, 16, data);
}

const corner = ({ data }: RgbImage) => [...data.subarray(0, 3)];
const middle = ({ data, width }: RgbImage) => {
  const at = ((width / 2) * width + width / 2) * 3;
  return [...data.subarray(at, at + 3)];
};

const instance = {
  folder: "",
  prompt: "a sks cat",
  reference: null,
  backgrounds: { red: "#ff0000", "deep sky blue": "#00BFff" },
};

describe("plainPicture()", () => {
  it("lays what is transparent on white", async () => {
    const picture = await plainPicture(square(clear), 8);
    expect([picture.width, picture.height]).to.deep.equal([8, 8]);
    expect(corner(picture)).to.deep.equal([255, 255, 255]);
    expect(middle(picture)).to.deep.equal([0, 0, 0]);
  });
});

describe("namedBackgrounds()", () => {
  it("are colours with the prompts that name them", () => {
    expect(namedBackgrounds(instance)).to.deep.equal([
      { colour: [255, 0, 0], prompt: "a sks cat on a red background" },
      { colour: [0, 191, 255], prompt: "a sks cat on a deep sky blue background" },
    ]);
  });
});

describe("subjectCopies()", () => {
  const copiesOf = (around: readonly number[], overrides: object = {}) =>
    subjectCopies([{ image: square(around) }, { image: square(around) }], {
      size: 8,
      variants: 4,
      seed: 1,
      instance: { ...instance, ...overrides },
    });

  it("lay every second copy of a cut-out subject on a background, in turn, and say so", async () => {
    const copies = await copiesOf(clear);
    expect(copies.map(({ picture, prompt }) => [...corner(picture), prompt])).to.deep.equal([
      [255, 255, 255, "a sks cat"],
      [255, 0, 0, "a sks cat on a red background"],
      [255, 255, 255, "a sks cat"],
      [0, 191, 255, "a sks cat on a deep sky blue background"],
      [255, 255, 255, "a sks cat"],
      [255, 0, 0, "a sks cat on a red background"],
      [255, 255, 255, "a sks cat"],
      [0, 191, 255, "a sks cat on a deep sky blue background"],
    ]);
    for (const { picture } of copies) expect(middle(picture)).to.deep.equal([0, 0, 0]);
  });

  it("move all but the first copy of a picture, the same way each time", async () => {
    const copies = await copiesOf(clear, { backgrounds: {} });
    const [first, ...others] = copies.slice(0, 4).map(({ picture }) => picture);
    expect(first).to.deep.equal(await plainPicture(square(clear), 8));
    for (const moved of others) expect(moved.data).to.not.deep.equal(first!.data);
    expect(new Set(copies.map(({ prompt }) => prompt))).to.deep.equal(new Set(["a sks cat"]));
    expect(await copiesOf(clear, { backgrounds: {} })).to.deep.equal(copies);
  });

  it("leave a photograph as it is", async () => {
    const copies = await copiesOf(green);
    expect(copies.length).to.equal(8);
    for (const { picture, prompt } of copies) {
      expect(prompt).to.equal("a sks cat");
      expect(picture).to.deep.equal(await plainPicture(square(green), 8));
    }
  });
});
