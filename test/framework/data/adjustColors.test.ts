import { expect } from "chai";
import { describe, it } from "mocha";

import { adjustColors, type ColorStep } from "../../../framework/data/adjustColors.ts";
import { rgbaImage, rgbImage } from "../../../framework/data/image.ts";

const pixels = [200, 100, 50, 10, 60, 250, 128, 128, 128, 255, 255, 0];
const image = rgbImage(4, 1, Uint8Array.from(pixels));

describe("adjustColors()", () => {
  // Pillow 12.3's ImageEnhance, which rounds down, and the mean to an integer: at most 1 off.
  // Hue: Python's colorsys, exact. Columns as in `pixels`.
  const cases: { step: ColorStep; want: number[] }[] = [
    {
      step: { kind: "brightness", amount: 1.5 },
      want: [255, 150, 75, 15, 90, 255, 192, 192, 192, 255, 255, 0],
    },
    {
      step: { kind: "brightness", amount: 0.5 },
      want: [100, 50, 25, 5, 30, 125, 64, 64, 64, 127, 127, 0],
    },
    {
      step: { kind: "contrast", amount: 0.4 },
      want: [161, 121, 101, 85, 105, 181, 132, 132, 132, 183, 183, 81],
    },
    {
      step: { kind: "contrast", amount: 1.7 },
      want: [244, 74, 0, 0, 6, 255, 122, 122, 122, 255, 255, 0],
    },
    {
      step: { kind: "saturation", amount: 0.3 },
      want: [146, 116, 101, 49, 64, 121, 128, 128, 128, 234, 234, 158],
    },
    {
      step: { kind: "saturation", amount: 1.8 },
      want: [255, 80, 0, 0, 54, 255, 128, 128, 128, 255, 255, 0],
    },
    {
      step: { kind: "hue", amount: 0.25 },
      want: [75, 200, 50, 250, 10, 180, 128, 128, 128, 0, 255, 127.5],
    },
    {
      step: { kind: "hue", amount: -0.1 },
      want: [200, 50, 90, 10, 204, 250, 128, 128, 128, 255, 102, 0],
    },
  ];
  for (const { step, want } of cases) {
    it(`${step.kind} ${step.amount}`, () => {
      const tolerance = step.kind === "hue" ? 0.5 : 1;
      const { data } = adjustColors(image, [step]);
      want.forEach((value, i) => expect(data[i]).to.be.closeTo(value, tolerance));
    });
  }

  it("rounds once, after the last step, and clips after each", () => {
    const tone = (...amounts: number[]): number => {
      const steps = amounts.map((amount) => ({ kind: "brightness", amount }) as const);
      return adjustColors(rgbImage(1, 1, Uint8Array.of(101, 0, 0)), steps).data[0]!;
    };
    expect(tone(0.01, 100)).to.equal(101);
    expect(tone(10, 0.1)).to.equal(26); // a tenth of 255, rounded
  });

  it("keeps alpha, and takes the mean of what is visible", () => {
    const half = rgbaImage(2, 1, Uint8Array.of(100, 100, 100, 255, 0, 0, 0, 0));
    const { data } = adjustColors(half, [{ kind: "contrast", amount: 0 }]);
    expect([...data]).to.deep.equal([100, 100, 100, 255, 100, 100, 100, 0]);
  });

  it("leaves the image it was given as it is", () => {
    adjustColors(image, [{ kind: "brightness", amount: 0 }]);
    expect([...image.data]).to.deep.equal(pixels);
  });
});
