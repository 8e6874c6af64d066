import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { arrayLoader, createLoader } from "../../../framework/data/createLoader.ts";
import { sequentialOrder, weightedOrder } from "../../../framework/data/epochOrder.ts";
import { stackExamples } from "../../../framework/data/stackExamples.ts";
import { numbersExample as example } from "./examples.ts";
import { failure } from "./rejection.ts";

describe("createLoader()", () => {
  it("stacks examples in the order's sequence", async () => {
    const loader = arrayLoader([example(1, 2), example(3, 4), example(5, 6)], { batchSize: 2 });
    expect(loader.length).to.equal(1);
    const batch = await loader.batch(0, 0);
    expect(batch["x"]).to.deep.equal({ shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) });
    expect(batch["id"]).to.deep.equal({ shape: [2], values: Int32Array.of(1, 3) });
  });

  it("gives a short last batch when asked to", async () => {
    const loader = arrayLoader([example(1), example(2), example(3)], {
      batchSize: 2,
      dropLast: false,
    });
    expect(loader.length).to.equal(2);
    expect((await loader.batch(0, 1))["x"]!.shape).to.deep.equal([1, 1]);
  });

  it("draws the same numbers for the same position, others elsewhere", async () => {
    const loader = createLoader({
      dataset: { length: 2, get: (_, random) => ({ x: hostTensor(random.uniforms(1), [1]) }) },
      order: weightedOrder([1, 1], 3, { length: 4 }),
      batchSize: 2,
      seed: 3,
    });
    const draw = async (epoch: number, index: number) => [
      ...(await loader.batch(epoch, index))["x"]!.values,
    ];
    const all = [...(await draw(0, 0)), ...(await draw(0, 1)), ...(await draw(1, 0))];
    expect(new Set(all).size).to.equal(6);
    expect(await draw(0, 1)).to.deep.equal(all.slice(2, 4));
  });

  it("refuses a batch larger than the data, and positions outside", async () => {
    expect(() => arrayLoader([example(1), example(2)], { batchSize: 3 })).to.throw(
      RangeError,
      "expected at least 3 examples for one batch, got 2",
    );
    const loader = arrayLoader([example(1)], { batchSize: 1 });
    expect(await failure(loader.batch(0, 1))).to.include("expected an index in [0, 1), got 1");
  });

  it("refuses an order made for another dataset", async () => {
    const loader = arrayLoader([example(1)], { order: sequentialOrder(2), batchSize: 2 });
    expect(await failure(loader.batch(0, 0))).to.equal(
      "Cannot load example 1: the dataset has 1; make the order for this dataset",
    );
  });

  it("makes batches with the `collate` it is given", async () => {
    const loader = arrayLoader([example(1, 2), example(3)], {
      batchSize: 2,
      collate: (examples) => stackExamples(examples.map(({ id }) => ({ id: id! }))),
    });
    expect(await loader.batch(0, 0)).to.deep.equal({
      id: hostTensor(Int32Array.of(1, 3), [2]),
    });
  });
});
