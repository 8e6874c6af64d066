import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { conv2d, embedding, linear } from "../../../framework/nn/layers.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { expectClose } from "../../support/tensors.ts";

function load(scope: ParameterScope, values: Record<string, number[]>): void {
  const tensors = Object.entries(values).map(
    ([name, list]) =>
      [name, hostTensor(Float32Array.from(list), scope.parameters.get(name)!.shape)] as const,
  );
  loadParameters(scope.parameters, new Map(tensors));
}

describe("linear()", () => {
  it("multiplies the last axis by the transposed weight and adds the bias", async () => {
    const scope = new ParameterScope({ seed: null });
    const layer = linear(scope, 2, 3);
    load(scope, { weight: [1, 0, 0, 1, 1, 1], bias: [0, 0, 100] });
    const x = tf.tensor([1, 2, 3, 4], [2, 1, 2]);
    const y = tf.tidy(() => layer(x));
    await expectClose(y, [[[1, 2, 103]], [[3, 4, 107]]]);
    tf.dispose([x, y, ...scope.parameters.values()]);
  });
});

describe("conv2d()", () => {
  it("keeps height and width at stride 1", () => {
    const scope = new ParameterScope({ seed: 1 });
    const layer = conv2d(scope, 2, 3, { size: 3 });
    const x = tf.zeros([1, 2, 4, 5]);
    const y = tf.tidy(() => layer(x));
    expect(y.shape).to.deep.equal([1, 3, 4, 5]);
    tf.dispose([x, y, ...scope.parameters.values()]);
  });
});

describe("embedding()", () => {
  it("looks up a row for every id", async () => {
    const scope = new ParameterScope({ seed: null });
    const layer = embedding(scope, 3, 2);
    load(scope, { weight: [0, 1, 10, 11, 20, 21] });
    const ids = tf.tensor([2, 0], [1, 2], "int32");
    const y = layer(ids);
    await expectClose(y, [
      [
        [20, 21],
        [0, 1],
      ],
    ]);
    tf.dispose([ids, y, ...scope.parameters.values()]);
  });
});
