import { expect } from "chai";
import { describe, it } from "mocha";

import {
  minimiseInBox,
  type Slope,
} from "../../../../framework/sweep/gaussianProcess/minimiseInBox.ts";

/** Rosenbrock's valley, whose bottom is at (1, 1). */
function valley([x = 0, y = 0]: Float64Array): Slope {
  const bend = y - x * x;
  const gradient = Float64Array.of(-400 * x * bend - 2 * (1 - x), 200 * bend);
  return { value: 100 * bend * bend + (1 - x) ** 2, gradient };
}

const wide = { low: -2, high: 2 };

describe("minimiseInBox()", () => {
  it("finds the bottom of a bent valley", () => {
    const { place, value } = minimiseInBox(valley, Float64Array.of(-1.2, 1), wide);
    expect(value).to.be.below(1e-9);
    expect(place[0]).to.be.closeTo(1, 1e-4);
  });

  it("ends at a bound that is in the way, at the best place of it", () => {
    const { place } = minimiseInBox(valley, Float64Array.of(-1, 0), { low: -2, high: 0.5 });
    expect([...place].map((each) => Number(each.toFixed(4)))).to.deep.equal([0.5, 0.25]);
  });

  it("leaves a bound that the start lies on", () => {
    const { place } = minimiseInBox(valley, Float64Array.of(-2, 2), wide);
    expect(place[0]).to.be.closeTo(1, 1e-3);
  });

  it("stays where there is no better place, and where there is no value at all", () => {
    const bottom = minimiseInBox(valley, Float64Array.of(1, 1), wide);
    expect([...bottom.place]).to.deep.equal([1, 1]);
    const start = Float64Array.of(0.5, 0.5);
    expect(minimiseInBox(() => undefined, start, wide)).to.deep.equal({
      place: start,
      value: Infinity,
    });
  });

  it("keeps away from places without a value", () => {
    const log = ([x = 0]: Float64Array): Slope | undefined =>
      x <= 0.1 ? undefined : { value: x - Math.log(x), gradient: Float64Array.of(1 - 1 / x) };
    expect(minimiseInBox(log, Float64Array.of(1.9), wide).place[0]).to.be.closeTo(1, 1e-4);
  });
});
