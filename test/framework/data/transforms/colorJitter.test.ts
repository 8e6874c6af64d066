import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { adjustColors, type ColorStep } from "../../../../framework/data/adjustColors.ts";
import { rgbImage } from "../../../../framework/data/image.ts";
import { colorJitter } from "../../../../framework/data/transforms/colorJitter.ts";
import { draws, redsOf } from "./pictures.ts";

describe("colorJitter()", () => {
  const image = rgbImage(2, 1, Uint8Array.of(100, 100, 100, 200, 50, 20));

  it("keeps to its range, and spreads over it", async () => {
    const reds = (await draws(colorJitter({ brightness: 0.5 }), image, 200)).map(
      (jittered) => redsOf(jittered)[0]!,
    );
    expect(Math.min(...reds)).to.be.within(50, 55);
    expect(Math.max(...reds)).to.be.within(145, 150);
  });

  it("leaves alone what has no range", async () => {
    const grey = rgbImage(1, 1, Uint8Array.of(70, 70, 70));
    const [same] = await draws(colorJitter({}), image, 1);
    expect(same).to.equal(image);
    const [toned] = await draws(colorJitter({ saturation: 0.9, hue: 0.5 }), grey, 1);
    expect(toned).to.deep.equal(grey);
  });

  it("applies the changes in random order", async () => {
    const jittered = await draws(colorJitter({ brightness: 0.9, contrast: 0.9 }), image, 100);
    const orders = jittered.map((result, step) => {
      const random = new RandomStream(1, "test", step);
      const [brightness, contrast] = [0, 1].map(() => 1 + 0.9 * (2 * random.uniform() - 1));
      const steps: ColorStep[] = [
        { kind: "brightness", amount: brightness! },
        { kind: "contrast", amount: contrast! },
      ];
      const is = (order: ColorStep[]) =>
        adjustColors(image, order).data.join() === result.data.join();
      return [is(steps), is(steps.toReversed())].join();
    });
    const count = (order: string): number => orders.filter((found) => found === order).length;
    expect(count("false,false")).to.equal(0);
    expect(count("true,false")).to.be.above(20);
    expect(count("false,true")).to.be.above(20);
  });

  it("refuses ranges that mean nothing", () => {
    expect(() => colorJitter({ hue: 0.6 })).to.throw(
      RangeError,
      "hue must be in [0, 0.5], got 0.6",
    );
    expect(() => colorJitter({ contrast: -1 })).to.throw(
      RangeError,
      "contrast must be in [0, Infinity), got -1",
    );
  });
});
