import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import type { IterableDataset } from "../../../framework/data/iterableDataset.ts";
import { iterableLoader } from "../../../framework/data/iterableLoader.ts";
import { stackExamples } from "../../../framework/data/stackExamples.ts";
import { idsOf, numbersExample } from "./examples.ts";
import { failure } from "./rejection.ts";

/** Ids 100 * epoch, 100 * epoch + 1, …; notes what it is asked for. */
function countingDataset(count: number, events: string[] = []): IterableDataset {
  return {
    async *iterate(epoch) {
      events.push(`open ${epoch}`);
      try {
        for (let i = 0; i < count; i++) {
          events.push(`read ${i}`);
          yield numbersExample(100 * epoch + i);
        }
      } finally {
        events.push("close");
      }
    },
  };
}

/** The ids of every batch that an epoch has. */
async function epochOf(loader: DataLoader, epoch: number): Promise<number[][]> {
  const batches: number[][] = [];
  while (await loader.has!(epoch, batches.length)) {
    batches.push(idsOf(await loader.batch(epoch, batches.length)));
  }
  return batches;
}

describe("iterableLoader()", () => {
  it("learns its length at the end of an epoch", async () => {
    const loader = iterableLoader({ dataset: countingDataset(5), batchSize: 2 });
    expect(loader.length).to.equal(Infinity);
    expect(await epochOf(loader, 1)).to.deep.equal([
      [100, 101],
      [102, 103],
    ]);
    expect(loader.length).to.equal(2);
  });

  it("gives a short last batch when asked to", async () => {
    const loader = iterableLoader({ dataset: countingDataset(5), batchSize: 2, dropLast: false });
    expect(await epochOf(loader, 0)).to.deep.equal([[0, 1], [2, 3], [4]]);
    expect(loader.length).to.equal(3);
  });

  it("may have epochs of different lengths", async () => {
    const dataset = {
      iterate: (epoch: number) => Array.from({ length: epoch + 1 }, (_, i) => numbersExample(i)),
    };
    const loader = iterableLoader({ dataset, batchSize: 1 });
    expect(await epochOf(loader, 2)).to.deep.equal([[0], [1], [2]]);
    expect(await epochOf(loader, 0)).to.deep.equal([[0]]);
  });

  it("reads each example once when batches are asked for in order, one batch ahead", async () => {
    const events: string[] = [];
    const loader = iterableLoader({ dataset: countingDataset(4, events), batchSize: 2 });
    await loader.batch(0, 0);
    expect(events).to.deep.equal(["open 0", "read 0", "read 1"]);
    await loader.has!(0, 1);
    await loader.has!(0, 1);
    await loader.batch(0, 1);
    await loader.batch(0, 1);
    expect(events).to.deep.equal(["open 0", "read 0", "read 1", "read 2", "read 3"]);
  });

  it("begins in the middle of an epoch by passing over examples, without making batches", async () => {
    const events: string[] = [];
    const loader = iterableLoader({
      dataset: countingDataset(8, events),
      batchSize: 2,
      collate(examples) {
        events.push("collate");
        return stackExamples(examples);
      },
    });
    expect(idsOf(await loader.batch(3, 2))).to.deep.equal([304, 305]);
    expect(events).to.deep.equal([
      "open 3",
      ...[0, 1, 2, 3, 4, 5].map((i) => `read ${i}`),
      "collate",
    ]);
  });

  it("gives the same batches in any order, closing the iterator that it leaves", async () => {
    const events: string[] = [];
    const loader = iterableLoader({ dataset: countingDataset(6, events), batchSize: 2 });
    expect(idsOf(await loader.batch(0, 2))).to.deep.equal([4, 5]);
    expect(idsOf(await loader.batch(0, 0))).to.deep.equal([0, 1]);
    expect(idsOf(await loader.batch(1, 1))).to.deep.equal([102, 103]);
    await loader.dispose!();
    const opened = events.filter((event) => event.startsWith("open"));
    expect(opened).to.deep.equal(["open 0", "open 0", "open 1"]);
    expect(events.filter((event) => event === "close")).to.have.length(3);
  });

  it("answers calls that were made at once in turn", async () => {
    const loader = iterableLoader({ dataset: countingDataset(6), batchSize: 2 });
    const [second, has, first] = await Promise.all([
      loader.batch(0, 1),
      loader.has!(0, 3),
      loader.batch(0, 0),
    ]);
    expect([idsOf(second), has, idsOf(first)]).to.deep.equal([[2, 3], false, [0, 1]]);
  });

  it("takes a plain iterable", async () => {
    const dataset = { iterate: () => [numbersExample(4), numbersExample(5)] };
    const loader = iterableLoader({ dataset, batchSize: 1 });
    expect(await epochOf(loader, 0)).to.deep.equal([[4], [5]]);
  });

  describe("with a declared length", () => {
    const declared = (length: number) => ({ ...countingDataset(5), length });

    it("knows its length, and needs no has()", async () => {
      const loader = iterableLoader({ dataset: declared(5), batchSize: 2, dropLast: false });
      expect(loader.length).to.equal(3);
      expect("has" in loader).to.equal(false);
      expect(idsOf(await loader.batch(0, 2))).to.deep.equal([4]);
      expect(await failure(loader.batch(0, 3))).to.include("expected an index in [0, 3), got 3");
    });

    it("reads no further than declared", async () => {
      const loader = iterableLoader({ dataset: declared(3), batchSize: 2, dropLast: false });
      expect(idsOf(await loader.batch(0, 1))).to.deep.equal([2]);
    });

    for (const dropLast of [true, false]) {
      it(`says when the dataset ends early, dropLast ${dropLast}`, async () => {
        const loader = iterableLoader({ dataset: declared(6), batchSize: 2, dropLast });
        await loader.batch(0, 1);
        expect(await failure(loader.batch(0, 2))).to.equal(
          "Cannot load batch 2 of epoch 0: the dataset declares 6 examples, but ended after 5; correct its length, or leave it out",
        );
      });
    }

    it("refuses a dataset without a batch", () => {
      expect(() => iterableLoader({ dataset: declared(1), batchSize: 2 })).to.throw(
        RangeError,
        "expected at least 2 examples for one batch, got 1",
      );
    });
  });

  it("says how many batches there are when asked for one more", async () => {
    const loader = iterableLoader({ dataset: countingDataset(5), batchSize: 2 });
    expect(await failure(loader.batch(0, 2))).to.equal(
      "Cannot load batch 2 of epoch 0: the epoch has 2 batches; ask hasBatch() first",
    );
    expect(await failure(loader.has!(0, -1))).to.include("got -1");
    const none = iterableLoader({ dataset: countingDataset(0), batchSize: 2 });
    expect(await failure(none.batch(0, 0))).to.include("the epoch has 0 batches");
  });

  it("says at which example the dataset failed, keeps the cause, and can be asked again", async () => {
    let isBroken = true;
    const cause = new InputError("line 4 is no JSON");
    const dataset = {
      *iterate() {
        yield numbersExample(0);
        yield numbersExample(1);
        if (isBroken) throw cause;
        yield numbersExample(2);
      },
    };
    const loader = iterableLoader({ dataset, batchSize: 1 });
    await loader.batch(2, 1);
    const error = await loader.batch(2, 2).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InputError);
    expect(error).to.include({
      message: "Cannot load example 2 of epoch 2: line 4 is no JSON",
      cause,
    });
    isBroken = false;
    expect(idsOf(await loader.batch(2, 2))).to.deep.equal([2]);
  });

  it("says which examples do not fit together", async () => {
    const dataset = {
      iterate: () => [
        numbersExample(1),
        numbersExample(2),
        numbersExample(3),
        numbersExample(4, 5),
      ],
    };
    const loader = iterableLoader({ dataset, batchSize: 2 });
    expect(await failure(loader.batch(0, 1))).to.equal(
      `Cannot make batch 1 of epoch 0, examples 2 to 3: Cannot stack examples: expected "x" alike in all, got float32 [1] and float32 [2]`,
    );
  });
});
