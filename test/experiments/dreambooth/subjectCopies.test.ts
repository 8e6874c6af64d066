import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPicture, type Framing } from "../../../experiments/dreambooth/pictures/framing.ts";
import { namedBackgrounds, subjectCopies } from "../../../experiments/dreambooth/subjectCopies.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { rgbaImage, type RgbaImage, type RgbImage } from "../../../framework/data/image.ts";

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
  prompts: ["a sks cat"],
  reference: null,
  backgrounds: { red: "#ff0000", "deep sky blue": "#00BFff" },
};

describe("namedBackgrounds()", () => {
  it("are colours with the prompts that name them", () => {
    const found = namedBackgrounds(instance);
    expect(found.map(({ colour, prompt }) => ({ colour, prompt }))).to.deep.equal([
      { colour: [255, 0, 0], prompt: "a sks cat on a red background" },
      { colour: [0, 191, 255], prompt: "a sks cat on a deep sky blue background" },
    ]);
    expect(found[0]!.say("sks asleep")).to.equal("sks asleep on a red background");
  });
});

describe("subjectCopies()", () => {
  const framing: Framing = { crop: "center", flip: 0, background: [255, 255, 255] };

  /** Four copies of each of two pictures, as they are shown without further numbers. */
  async function copiesOf(
    image: RgbaImage,
    overrides: object = {},
    frame: object = {},
    movement = 1,
  ) {
    const copies = await subjectCopies([{ image }, { image }], {
      sizeOf: () => ({ width: 8, height: 8 }),
      framing: { ...framing, ...frame },
      variants: 4,
      movement,
      seed: 1,
      instance: { ...instance, ...overrides },
    });
    return Promise.all(copies.map(async (copy) => ({ ...copy, shown: await copy.picture() })));
  }

  it("lay every second copy of a cut-out subject on a background, in turn, and say so", async () => {
    const copies = await copiesOf(square(clear));
    expect(copies.map(({ shown, prompts }) => [...corner(shown), ...prompts])).to.deep.equal([
      [255, 255, 255, "a sks cat"],
      [255, 0, 0, "a sks cat on a red background"],
      [255, 255, 255, "a sks cat"],
      [0, 191, 255, "a sks cat on a deep sky blue background"],
      [255, 255, 255, "a sks cat"],
      [255, 0, 0, "a sks cat on a red background"],
      [255, 255, 255, "a sks cat"],
      [0, 191, 255, "a sks cat on a deep sky blue background"],
    ]);
    for (const { shown } of copies) expect(middle(shown)).to.deep.equal([0, 0, 0]);
  });

  it("move none where movement is 0, and lay them on the backgrounds as ever", async () => {
    const copies = await copiesOf(square(clear), {}, {}, 0);
    const [first, ...others] = copies.slice(0, 4).map(({ shown }) => shown);
    expect(others[1]!.data).to.deep.equal(first!.data);
    expect(corner(others[0]!)).to.deep.equal([255, 0, 0]);
    expect(middle(others[0]!)).to.deep.equal([0, 0, 0]);
  });

  it("move less where movement is small", async () => {
    const distance = async (movement: number) => {
      const copies = await copiesOf(square(clear), { backgrounds: {} }, {}, movement);
      const [first, ...others] = copies.slice(0, 4).map(({ shown }) => shown.data);
      const differences = others.map((data) =>
        data.reduce((sum, value, i) => sum + Math.abs(value - first![i]!), 0),
      );
      return Math.max(...differences);
    };
    const [small, usual] = [await distance(0.25), await distance(1)];
    expect(small).to.be.within(1, usual / 2);
  });

  it("move all but the first copy of a picture, the same way each time", async () => {
    const copies = await copiesOf(square(clear), { backgrounds: {} });
    const [first, ...others] = copies.slice(0, 4);
    expect(first!.shown).to.deep.equal(await plainPicture(square(clear), 8));
    for (const { shown } of others) expect(shown.data).to.not.deep.equal(first!.shown.data);
    expect(new Set(copies.flatMap(({ prompts }) => prompts))).to.deep.equal(new Set(["a sks cat"]));
    for (const { shown, picture } of copies) expect(await picture()).to.deep.equal(shown);
  });

  it("move otherwise by other numbers", async () => {
    const [, copy] = await copiesOf(square(clear));
    const shown = await copy!.picture(new RandomStream(1, "visit", 7));
    expect(shown.data).to.not.deep.equal(copy!.shown.data);
    expect(corner(shown)).to.deep.equal([255, 0, 0]);
  });

  it("leave a photograph as it is", async () => {
    const copies = await copiesOf(square(green));
    expect(copies.length).to.equal(8);
    for (const { shown, prompts } of copies) {
      expect(prompts).to.deep.equal(["a sks cat"]);
      expect(shown).to.deep.equal(await plainPicture(square(green), 8));
    }
  });

  it("lie on the framing's background where no other is named", async () => {
    const copies = await copiesOf(square(clear), {}, { background: [9, 8, 7] });
    expect(copies.slice(0, 2).map(({ shown }) => corner(shown))).to.deep.equal([
      [9, 8, 7],
      [255, 0, 0],
    ]);
  });

  it("are mirrored as often as asked, the same ones each time", async () => {
    const data = square(green).data.slice();
    for (let y = 0; y < 16; y++) data.set([255, 0, 0, 255], y * 16 * 4); // a red left edge
    const image = rgbaImage(16, 16, data);
    const leftRed = (shown: RgbImage) => shown.data[0]! > shown.data[7 * 3]!;
    const mirroredOf = async (flip: number) =>
      (await copiesOf(image, {}, { flip })).map(({ shown }) => !leftRed(shown));
    expect(await mirroredOf(0)).to.not.include(true);
    expect(await mirroredOf(1)).to.not.include(false);
    expect(await mirroredOf(0.5))
      .to.include(true)
      .and.include(false);
    expect(await mirroredOf(0.5)).to.deep.equal(await mirroredOf(0.5));
  });

  it("have their picture's own prompts, on backgrounds too", async () => {
    const prompts = ["sks asleep", "a cat"];
    const copies = await subjectCopies([{ image: square(clear), prompts }], {
      sizeOf: () => ({ width: 8, height: 8 }),
      framing,
      variants: 2,
      movement: 1,
      seed: 1,
      instance,
    });
    expect(copies.map((copy) => copy.prompts)).to.deep.equal([
      ["sks asleep", "a cat"],
      ["sks asleep on a red background", "a cat on a red background"],
    ]);
  });

  it("have the size that is chosen for the picture, moved ones too", async () => {
    const copies = await subjectCopies([{ image: square(clear) }], {
      sizeOf: () => ({ width: 12, height: 8 }),
      framing,
      variants: 2,
      movement: 1,
      seed: 1,
      instance,
    });
    for (const { size, picture } of copies) {
      const { width, height } = await picture();
      expect([width, height, size]).to.deep.equal([12, 8, { width: 12, height: 8 }]);
    }
  });
});
