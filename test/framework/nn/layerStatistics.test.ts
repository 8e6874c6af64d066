import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { linear } from "../../../framework/nn/layers.ts";
import { layerStatistics } from "../../../framework/nn/layerStatistics.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";

describe("layerStatistics()", () => {
  const scope = new ParameterScope({ seed: 1 });
  const layer = linear(scope, 2, 3);
  const weights = new Map([["mlp", scope.parameters.get("weight")!]]);
  after(() => tf.dispose([...scope.parameters.values()]));

  const run = (...batches: number[][][]): void =>
    tf.tidy(() => batches.forEach((batch) => layer(tf.tensor2d(batch))));

  it("has mean magnitudes and sums of products of all rows", async () => {
    const found = await layerStatistics(
      weights,
      () =>
        run(
          [
            [1, -2],
            [3, 0],
          ],
          [[-2, 1]],
        ),
      {
        gram: true,
      },
    );
    const { rows, meanAbsolute, gram } = found.get("mlp")!;
    expect(rows).to.equal(3);
    expect([...meanAbsolute]).to.deep.equal([2, 1]);
    expect([...gram!]).to.deep.equal([14, -4, -4, 5]);
  });

  it("watches only while it runs, and leaves the layer as it was", async () => {
    const answer = (): number[] =>
      tf.tidy(() => [...layer(tf.tensor2d([[1, 2]])).dataSync<"float32">()]);
    const before = answer();
    let during: number[] = [];
    const found = await layerStatistics(weights, () => void (during = answer()));
    expect([during, answer()]).to.deep.equal([before, before]);
    expect([found.get("mlp")!.rows, found.get("mlp")!.gram]).to.deep.equal([1, undefined]);
  });

  it("knows nothing of a layer that was not used", async () => {
    expect((await layerStatistics(weights, () => {})).size).to.equal(0);
  });
});
