import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import {
  arrayLoader,
  concatBatches,
  createLoader,
  type Example,
  splitBatch,
  stackExamples,
} from "../../../framework/data/createLoader.ts";
import {
  balancedWeights,
  sequentialOrder,
  shuffledOrder,
  weightedOrder,
} from "../../../framework/data/epochOrder.ts";

function example(...values: number[]): Example {
  return {
    x: hostTensor(Float32Array.from(values), [values.length]),
    id: hostTensor(Int32Array.of(values[0]!), []),
  };
}

describe("epoch orders", () => {
  it("shuffledOrder() visits everything once, in another order each epoch", () => {
    const order = shuffledOrder(50, 1);
    const [first, second] = [[...order.indices(0)], [...order.indices(1)]];
    expect(first).to.not.deep.equal(second);
    expect(first.toSorted((a, b) => a - b)).to.deep.equal([...sequentialOrder(50).indices(9)]);
    expect([...shuffledOrder(50, 1).indices(1)]).to.deep.equal(second);
    expect([...shuffledOrder(50, 2).indices(1)]).to.not.deep.equal(second);
  });

  it("weightedOrder() draws each group equally often with balancedWeights()", () => {
    const groups = ["cat", "cat", "cat", "dog"];
    const weights = balancedWeights(groups);
    expect(weights).to.deep.equal([1 / 3, 1 / 3, 1 / 3, 1]);
    const drawn = weightedOrder(weights, 5, { length: 8000 }).indices(0);
    const counts = groups.map((_, i) => drawn.filter((index) => index === i).length);
    // Four standard deviations of a binomial: 4 * sqrt(8000 * p * (1 - p)) for p = 1/6 and 1/2.
    for (const count of counts.slice(0, 3)) expect(count).to.be.closeTo(8000 / 6, 134);
    expect(counts[3]).to.be.closeTo(4000, 179);
  });

  it("weightedOrder() never draws a weight of 0", () => {
    expect(new Set(weightedOrder([0, 1, 0], 5, { length: 100 }).indices(3))).to.deep.equal(
      new Set([1]),
    );
  });

  it("refuses nothing to draw and bad weights", () => {
    expect(() => shuffledOrder(0, 1)).to.throw(RangeError, "expected at least one, got 0");
    expect(() => weightedOrder([1, -1], 1)).to.throw(RangeError, "got -1 at 1");
    expect(() => weightedOrder([0, 0], 1)).to.throw(RangeError, "above 0");
  });
});

describe("createLoader()", () => {
  it("stacks examples in the order's sequence", async () => {
    const loader = arrayLoader([example(1, 2), example(3, 4), example(5, 6)], {
      order: sequentialOrder(3),
      batchSize: 2,
    });
    expect(loader.length).to.equal(1);
    const batch = await loader.batch(0, 0);
    expect(batch["x"]).to.deep.equal({ shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) });
    expect(batch["id"]).to.deep.equal({ shape: [2], values: Int32Array.of(1, 3) });
  });

  it("gives a short last batch when asked to", async () => {
    const loader = arrayLoader([example(1), example(2), example(3)], {
      order: sequentialOrder(3),
      batchSize: 2,
      dropLast: false,
    });
    expect(loader.length).to.equal(2);
    expect((await loader.batch(0, 1))["x"]!.shape).to.deep.equal([1, 1]);
  });

  it("draws the same numbers for the same position, others elsewhere", async () => {
    const loader = createLoader({
      order: weightedOrder([1, 1], 3, { length: 4 }),
      batchSize: 2,
      seed: 3,
      fetch: (_, random) => ({ x: hostTensor(random.uniforms(1), [1]) }),
    });
    const draw = async (epoch: number, index: number) => [
      ...(await loader.batch(epoch, index))["x"]!.values,
    ];
    const all = [...(await draw(0, 0)), ...(await draw(0, 1)), ...(await draw(1, 0))];
    expect(new Set(all).size).to.equal(6);
    expect(await draw(0, 1)).to.deep.equal(all.slice(2, 4));
  });

  it("refuses a batch larger than the data, and positions outside", async () => {
    const options = { order: sequentialOrder(2), batchSize: 3 };
    expect(() => arrayLoader([example(1), example(2)], options)).to.throw(
      RangeError,
      "expected at least 3 examples for one batch, got 2",
    );
    const loader = arrayLoader([example(1)], { order: sequentialOrder(1), batchSize: 1 });
    const error = await loader.batch(0, 1).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(RangeError);
  });
});

describe("stackExamples()", () => {
  it("refuses unlike examples", () => {
    expect(() => stackExamples([example(1), example(1, 2)])).to.throw(RangeError, `"x" alike`);
    expect(() => stackExamples([example(1), { x: example(1)["x"]! }])).to.throw(
      RangeError,
      "same entries",
    );
  });

  it("is undone by splitBatch(), and concatBatches() joins", () => {
    const examples = [example(1, 2), example(3, 4)];
    const batch = stackExamples(examples);
    expect(splitBatch(batch)).to.deep.equal(examples);
    expect(concatBatches([batch, stackExamples([example(5, 6)])])).to.deep.equal(
      stackExamples([...examples, example(5, 6)]),
    );
  });
});
