import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { ones } from "../../../framework/nn/initializers.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";

const stored = (...values: number[]): HostTensor =>
  hostTensor(Float32Array.from(values), [values.length]);

describe("loadParameters()", () => {
  let { parameters } = new ParameterScope({ seed: 0 });

  beforeEach(() => {
    const scope = new ParameterScope({ seed: 0 });
    scope.parameter("a", [2], ones);
    scope.parameter("b", [1], ones);
    ({ parameters } = scope);
  });

  afterEach(() => {
    tf.dispose([...parameters.values()]);
  });

  const valuesOf = (name: string): number[] => [...parameters.get(name)!.dataSync()];

  it("assigns by name", () => {
    loadParameters(
      parameters,
      new Map([
        ["b", stored(5)],
        ["a", stored(3, 4)],
      ]),
    );
    expect([valuesOf("a"), valuesOf("b")]).to.deep.equal([[3, 4], [5]]);
  });

  it("names everything that is wrong at once and assigns nothing", () => {
    const tensors = new Map([
      ["a", stored(1, 2, 3)],
      ["c", stored(1)],
    ]);
    expect(() => loadParameters(parameters, tensors)).to.throw(
      RangeError,
      "Cannot load parameters: 1 missing: b; 1 unexpected: c; 1 of another shape: a (expected [2], got [3])",
    );
    expect(valuesOf("a")).to.deep.equal([1, 1]);
  });

  it("reports what did not match when not strict", () => {
    const tensors = new Map([
      ["a", stored(7, 8)],
      ["c", stored(1)],
    ]);
    const report = loadParameters(parameters, tensors, { strict: false });
    expect(report).to.deep.equal({ missing: ["b"], unexpected: ["c"], misshaped: [] });
    expect(valuesOf("a")).to.deep.equal([7, 8]);
  });

  it("loads the rest beside another shape when not strict", () => {
    const tensors = new Map([
      ["a", stored(7)],
      ["b", stored(9)],
    ]);
    const { misshaped } = loadParameters(parameters, tensors, { strict: false });
    expect(misshaped).to.deep.equal(["a (expected [2], got [1])"]);
    expect([valuesOf("a"), valuesOf("b")]).to.deep.equal([[1, 1], [9]]);
  });

  it("refuses values that are not finite, by name", () => {
    for (const value of [NaN, Infinity]) {
      const tensors = new Map([
        ["a", stored(1, value)],
        ["b", stored(9)],
      ]);
      expect(() => loadParameters(parameters, tensors)).to.throw(
        RangeError,
        "1 with values that are not finite: a",
      );
    }
  });

  it("renames and leaves out", () => {
    const tensors = new Map([
      ["old.a", stored(7, 8)],
      ["old.b", stored(9)],
      ["ids", stored(0)],
    ]);
    loadParameters(parameters, tensors, {
      rename: (name) => (name === "ids" ? undefined : name.replace("old.", "")),
    });
    expect([valuesOf("a"), valuesOf("b")]).to.deep.equal([[7, 8], [9]]);
  });
});
