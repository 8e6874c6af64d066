import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { combineLoaders } from "../../../framework/data/combineLoaders.ts";
import { arrayLoader } from "../../../framework/data/createLoader.ts";
import { hasBatch, type DataLoader } from "../../../framework/data/dataLoader.ts";
import { iterableLoader } from "../../../framework/data/iterableLoader.ts";
import { shardLoader } from "../../../framework/data/shardLoader.ts";
import { workerLoader } from "../../../framework/data/workerLoader.ts";
import { idsOf, numbersExample } from "./examples.ts";
import { failure } from "./rejection.ts";
import shuffled from "./shuffledModule.ts";

const worldSize = 2;
const examples = (count: number) => Array.from({ length: count }, (_, i) => numbersExample(i, 0));

/** Ids of the batches of an epoch, for each of two processes. */
async function shares(makeLoader: () => DataLoader, epoch = 0): Promise<number[][][]> {
  return Promise.all(
    [0, 1].map(async (rank) => {
      const loader = await shardLoader(makeLoader(), { rank, worldSize });
      const batches: number[][] = [];
      while (await hasBatch(loader, epoch, batches.length)) {
        batches.push(idsOf(await loader.batch(epoch, batches.length)));
      }
      return batches;
    }),
  );
}

const stream = (length?: number) => ({
  ...(length === undefined ? {} : { length }),
  *iterate() {
    yield* examples(11);
  },
});

describe("shardLoader()", () => {
  const cases: { kind: string; make: () => DataLoader }[] = [
    { kind: "a dataset's loader", make: () => arrayLoader(examples(11), { batchSize: 2 }) },
    { kind: "a stream's loader", make: () => iterableLoader({ dataset: stream(), batchSize: 2 }) },
    {
      kind: "the loader of a stream that says its length",
      make: () => iterableLoader({ dataset: stream(11), batchSize: 2 }),
    },
  ];
  for (const { kind, make } of cases) {
    it(`shares ${kind} example by example`, async () => {
      expect(await shares(make)).to.deep.equal([
        [
          [0, 2],
          [4, 6],
        ],
        [
          [1, 3],
          [5, 7],
        ],
      ]);
    });
  }

  it("keeps a last batch that is not full, equally long for all", async () => {
    const make = (): DataLoader => arrayLoader(examples(7), { batchSize: 2, dropLast: false });
    expect(await shares(make)).to.deep.equal([
      [[0, 2], [4]],
      [[1, 3], [5]],
    ]);
  });

  it("gives together what one process would see, random numbers included", async () => {
    const whole = shuffled({ examples: 8 });
    const parts = await Promise.all(
      [0, 1].map((rank) => shardLoader(shuffled({ examples: 8 }), { rank, worldSize })),
    );
    const rows = async (loader: DataLoader, index: number): Promise<number[][]> => {
      const [values] = Object.values(await loader.batch(3, index)).map((entry) => entry.values);
      return [0, 1].map((row) => [...values!.subarray(row * 2, row * 2 + 2)]);
    };
    for (const step of [0, 1]) {
      const [first, second] = [await rows(parts[0]!, step), await rows(parts[1]!, step)];
      const together = [first[0], second[0], first[1], second[1]];
      expect(together).to.deep.equal([
        ...(await rows(whole, step * 2)),
        ...(await rows(whole, step * 2 + 1)),
      ]);
    }
  });

  it("shares combined loaders each by its own rule", async () => {
    const plain: DataLoader = {
      length: 4,
      batch: async (_, index) => numbersExample(index, 0),
    };
    const loader = combineLoaders({
      a: arrayLoader(examples(8), { batchSize: 2 }),
      b: plain,
    });
    const shard = await shardLoader(loader, { rank: 1, worldSize });
    expect(shard.length).to.equal(2);
    const batch = await shard.batch(0, 1);
    expect([...batch["a/id"]!.values]).to.deep.equal([5, 7]);
    expect([...batch["b/id"]!.values]).to.deep.equal([3]);
  });

  it("shares a loader in threads, and ends them with it", async () => {
    const file = path.join(import.meta.dirname, "shuffledModule.ts");
    const loader = await workerLoader({ module: file, workers: 1, options: { examples: 8 } });
    const shard = await shardLoader(loader, { rank: 1, worldSize });
    const plain = await shardLoader(shuffled({ examples: 8 }), { rank: 1, worldSize });
    expect(shard.length).to.equal(2);
    expect(await shard.batch(0, 1)).to.deep.equal(await plain.batch(0, 1));
    await loader.dispose!();
    expect(await failure(shard.batch(0, 0))).to.include("the loader was disposed");
  });

  it("shares a loader that does not say how batch by batch", async () => {
    const loader: DataLoader = { length: 5, batch: async (_, index) => numbersExample(index, 0) };
    const shard = await shardLoader(loader, { rank: 1, worldSize });
    expect(shard.length).to.equal(2);
    expect(idsOf(await shard.batch(0, 1))).to.deep.equal([3]);
  });

  it("refuses to share one batch", async () => {
    const loader: DataLoader = { length: 1, batch: async () => numbersExample(0, 0) };
    expect(await failure(shardLoader(loader, { rank: 0, worldSize }))).to.equal(
      "Cannot share a loader: expected a batch for each of 2 processes, got 1",
    );
  });
});
