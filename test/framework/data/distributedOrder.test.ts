import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import type { RandomStream } from "../../../framework/base/random.ts";
import { createLoader } from "../../../framework/data/createLoader.ts";
import { distributedOrder } from "../../../framework/data/distributedOrder.ts";
import {
  sequentialOrder,
  shuffledOrder,
  type EpochOrder,
} from "../../../framework/data/epochOrder.ts";

/** What each process visits. */
function shares(order: EpochOrder, worldSize: number, dropLast: boolean): number[][] {
  return Array.from({ length: worldSize }, (_, rank) => [
    ...distributedOrder(order, { rank, worldSize, dropLast }).indices(0),
  ]);
}

describe("distributedOrder()", () => {
  // What torch.utils.data.DistributedSampler(range(n), worldSize, rank, shuffle=False) lists.
  const cases = [
    {
      title: "repeats the first visits to share evenly",
      n: 10,
      worldSize: 4,
      dropLast: false,
      want: [
        [0, 4, 8],
        [1, 5, 9],
        [2, 6, 0],
        [3, 7, 1],
      ],
    },
    {
      title: "leaves out the last ones with `dropLast`",
      n: 10,
      worldSize: 4,
      dropLast: true,
      want: [
        [0, 4],
        [1, 5],
        [2, 6],
        [3, 7],
      ],
    },
    {
      title: "repeats more than once when there are fewer examples than processes",
      n: 2,
      worldSize: 5,
      dropLast: false,
      want: [[0], [1], [0], [1], [0]],
    },
  ];
  for (const { title, n, worldSize, dropLast, want } of cases) {
    it(title, () => {
      expect(shares(sequentialOrder(n), worldSize, dropLast)).to.deep.equal(want);
    });
  }

  it("shares another shuffle in each epoch", () => {
    const share = distributedOrder(shuffledOrder(6, 3), { rank: 1, worldSize: 2 });
    const whole = [...shuffledOrder(6, 3).indices(4)];
    expect([...share.indices(4)]).to.deep.equal([whole[1], whole[3], whole[5]]);
  });

  it("draws the random numbers that one process would draw for the same visits", async () => {
    const dataset = {
      length: 4,
      get: (_: number, random: RandomStream) => ({ x: hostTensor(random.uniforms(1), []) }),
    };
    const order = shuffledOrder(4, 2);
    const draws = async (part: EpochOrder, batchSize: number) => {
      const loader = createLoader({ dataset, order: part, batchSize, seed: 5 });
      return [...(await loader.batch(3, 0))["x"]!.values];
    };
    const [a, b, c, d] = await draws(order, 4);
    expect(await draws(distributedOrder(order, { rank: 0, worldSize: 2 }), 2)).to.deep.equal([
      a,
      c,
    ]);
    expect(await draws(distributedOrder(order, { rank: 1, worldSize: 2 }), 2)).to.deep.equal([
      b,
      d,
    ]);
  });

  it("refuses a rank outside the world, and to drop everything", () => {
    const order = sequentialOrder(3);
    expect(() => distributedOrder(order, { rank: 2, worldSize: 2 })).to.throw(
      RangeError,
      "rank must be an integer in [0, 2), got 2",
    );
    expect(() => distributedOrder(order, { rank: 0, worldSize: 0 })).to.throw(
      RangeError,
      "worldSize must be an integer >= 1, got 0",
    );
    expect(() => distributedOrder(order, { rank: 0, worldSize: 4, dropLast: true })).to.throw(
      RangeError,
      "for each of 4 processes, got 3; leave dropLast off",
    );
  });
});
