import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { conv2d, embedding, layerNorm, linear } from "../../../framework/nn/layers.ts";
import { layerKind, wrapLayer } from "../../../framework/nn/layerWrappers.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { expectClose } from "../../support/tensors.ts";

describe("wrapLayer()", () => {
  it("puts a wrapper around a layer, around earlier ones, and takes it away again", async () => {
    const scope = new ParameterScope({ seed: 1 });
    const layer = linear(scope, 2, 2, { bias: false });
    const weight = scope.parameters.get("weight")!;
    tf.tidy(() => weight.assign(tf.eye(2)));
    const result = (): tf.Tensor => tf.tidy(() => layer(tf.tensor2d([[1, 2]])));
    const removeFirst = wrapLayer(weight, (x, { own }) => own(x).mul(10));
    const removeSecond = wrapLayer(weight, (x, { own, withWeight }) =>
      own(x).add(withWeight(x, tf.tensor2d([[1, 1]]))),
    );
    const results = [result()];
    removeFirst();
    results.push(result());
    removeSecond();
    results.push(result());
    await expectClose(results[0]!, [[13, 23]]);
    await expectClose(results[1]!, [[4, 5]]);
    await expectClose(results[2]!, [[1, 2]]);
    tf.dispose([results, weight]);
  });

  it("knows linear layers, convolutions and embeddings, and refuses what is none", () => {
    const scope = new ParameterScope({ seed: 1 });
    linear(scope.at("a"), 2, 2);
    conv2d(scope.at("b"), 2, 2, { size: 3 });
    embedding(scope.at("c"), 2, 2);
    layerNorm(scope.at("d"), 2);
    const weight = (name: string): tf.Variable => scope.parameters.get(`${name}.weight`)!;
    const kinds = ["a", "b", "c", "d"].map((name) => layerKind(weight(name)));
    expect(kinds).to.deep.equal(["linear", "conv2d", "embedding", undefined]);
    expect(() => wrapLayer(weight("d"), (x) => x)).to.throw(RangeError, "no linear, convolution");
    tf.dispose([...scope.parameters.values()]);
  });
});
