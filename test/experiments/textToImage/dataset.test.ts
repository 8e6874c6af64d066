import { expect } from "chai";
import { describe, it } from "mocha";

import { type ColourName, colours } from "../../../experiments/textToImage/colours.ts";
import {
  captionFor,
  conceptBalancedOrder,
  renderValidation,
  renderVariant,
  trainingVariants,
  validationCaption,
} from "../../../experiments/textToImage/dataset.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { syntheticData } from "./syntheticData.ts";

const data = syntheticData();
const options = { data, size: 8, seed: 3 };

describe("renderVariant()", () => {
  it("shows the drawing as it is on white in variant 0", () => {
    const { rgb, attributes } = renderVariant(options, 0, 0);
    expect(attributes).to.deep.equal({
      background: "white",
      small: false,
      tilted: false,
      flipped: false,
    });
    const reds = Array.from({ length: 8 }, (_, x) => rgb.data[(4 * 8 + x) * 3]);
    expect(reds).to.deep.equal([255, 255, 0, 0, 0, 0, 255, 255]);
  });

  it("is a pure function of seed, drawing and variant", () => {
    expect(renderVariant(options, 0, 5)).to.deep.equal(renderVariant(options, 0, 5));
    const pictures = [
      renderVariant(options, 0, 5),
      renderVariant(options, 0, 7),
      renderVariant(options, 2, 5),
      renderVariant({ ...options, seed: 4 }, 0, 5),
    ].map(({ rgb }) => rgb.data.join());
    expect(new Set(pictures).size).to.equal(4);
  });

  it("has white in every other variant, and each colour once in ten of the others", () => {
    const backgrounds = Array.from(
      { length: 21 },
      (_, variant) => renderVariant(options, 2, variant).attributes.background,
    );
    expect(backgrounds.filter((name) => name === "white").length).to.equal(11);
    expect(new Set(backgrounds).size).to.equal(11);
  });

  it("paints the background that it names", () => {
    for (let variant = 0; variant < 8; variant++) {
      const { rgb, attributes } = renderVariant(options, 0, variant);
      expect([...rgb.data.subarray(0, 3)]).to.deep.equal([...colours[attributes.background]]);
    }
  });

  it("moves two variants of eight when gentle, on white and on a colour", () => {
    const [gentle, wide] = (["gentle", "wide"] as const).map((augmentation) =>
      Array.from({ length: 64 }, (_, variant) =>
        renderVariant({ ...options, augmentation }, 0, variant),
      ),
    );
    for (const [variant, picture] of gentle!.entries()) {
      if (variant % 8 >= 6) {
        expect(picture).to.deep.equal(wide![variant]);
      } else {
        expect(picture.attributes).to.include({ small: false, tilted: false, flipped: false });
      }
      expect(picture.attributes.background).to.equal(wide![variant]!.attributes.background);
    }
    expect(gentle!.some(({ attributes }) => attributes.flipped)).to.equal(true);
  });

  it("refuses a drawing that is not there", () => {
    expect(() => renderVariant(options, 3, 0)).to.throw(RangeError, "below 3, got 3");
  });
});

describe("renderValidation()", () => {
  it("neither moves nor turns, and repeats", () => {
    const { attributes, rgb } = renderValidation(options, 1);
    expect(attributes).to.include({ small: false, tilted: false, flipped: false });
    expect(renderValidation(options, 1).rgb).to.deep.equal(rgb);
  });
});

describe("trainingVariants()", () => {
  it("lists training drawings alone, variant by variant", () => {
    expect(trainingVariants(data, 2)).to.deep.equal([
      { drawing: 0, variant: 0 },
      { drawing: 0, variant: 1 },
      { drawing: 2, variant: 0 },
      { drawing: 2, variant: 1 },
    ]);
  });
});

describe("conceptBalancedOrder()", () => {
  it("visits a concept with one drawing as often as one with two", () => {
    const addresses = Array.from({ length: 3000 }, (_, i) => ({ drawing: i % 3 }));
    const drawn = conceptBalancedOrder(data, addresses, 1).indices(0);
    const bananas = drawn.filter((index) => index % 3 === 2).length;
    // Four standard deviations of a fair coin: 4 * sqrt(3000 / 4).
    expect(bananas).to.be.closeTo(1500, 110);
  });
});

describe("captions", () => {
  const attributes = {
    background: "blue" as ColourName,
    small: true,
    tilted: true,
    flipped: false,
  };
  const draws = Array.from({ length: 4000 }, (_, step) =>
    captionFor(data, 0, attributes, new RandomStream(1, "captions", step)),
  );
  const share = (pattern: RegExp): number =>
    draws.filter((caption) => pattern.test(caption)).length / draws.length;

  it("follow the templates", () => {
    const template = /^a (small )?(3d )?(cat|cat face)( on a blue background)?$/;
    for (const caption of draws) if (caption !== "") expect(caption).to.match(template);
  });

  it("come in the stated shares", () => {
    // 0.035 is more than four standard deviations of the widest share, 4 * sqrt(0.25 / 4000).
    const expected: [RegExp, number][] = [
      [/^$/, 0.1],
      [/3d/, 0.45],
      [/background/, 0.45],
      [/small/, 0.45],
      [/cat( on|$)/, 0.27],
    ];
    for (const [pattern, want] of expected) {
      expect(share(pattern), String(pattern)).to.be.closeTo(want, 0.035);
    }
  });

  it("name no adjective where there is none, and no class where it has none", () => {
    const plain = { ...attributes, small: false, tilted: false };
    for (let step = 0; step < 100; step++) {
      const caption = captionFor(data, 2, plain, new RandomStream(2, "captions", step));
      expect(caption).to.match(/^$|^a (noto )?banana( on a blue background)?$/);
    }
  });

  it("say all in validation", () => {
    expect(validationCaption(data, 1, attributes)).to.equal("a noto cat face on a blue background");
  });
});
