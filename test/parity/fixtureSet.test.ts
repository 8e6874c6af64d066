import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, type HostTensor } from "../../framework/base/hostTensor.ts";
import { expectClose } from "./fixtureSet.ts";

const tensor = (...values: number[]): HostTensor =>
  hostTensor(Float32Array.from(values), [values.length]);

describe("expectClose()", () => {
  it("takes what is off by no more than the tolerance", () => {
    expectClose("x", tensor(1, 2.25), tensor(1, 2), 0.25);
  });

  it("names the element that is off most", () => {
    const compare = (): void => expectClose("x", tensor(1, 4, 3.5), tensor(1, 2, 3), 0.25);
    expect(compare).to.throw(
      "largest difference of x, at element 1: expected 2 to be at most 0.25",
    );
  });

  it("takes no NaN, wherever it is", () => {
    for (const values of [tensor(Number.NaN, 2), tensor(1, Number.NaN)]) {
      expect(() => expectClose("x", values, tensor(1, 2), 0.25)).to.throw(
        "largest difference of x",
      );
    }
  });
});
