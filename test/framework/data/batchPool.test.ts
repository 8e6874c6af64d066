import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { BatchPool, type BatchAnswer, type BatchMaker } from "../../../framework/data/batchPool.ts";
import { failure } from "./rejection.ts";

/** What was begun and not finished, by `<epoch>/<index>`; the test decides when it is. */
type Begun = Map<string, { finish(): void; fail(error: Error): void }>;

const answerFor = (epoch: number, index: number): BatchAnswer => ({
  kind: "batch",
  batch: { id: hostTensor(Int32Array.of(100 * epoch + index), [1]) },
});

function makers(count: number, begun: Begun): BatchMaker[] {
  const maker: BatchMaker = {
    make: (epoch, index) =>
      new Promise((resolve, reject) => {
        begun.set(`${epoch}/${index}`, {
          finish: () => resolve(answerFor(epoch, index)),
          fail: reject,
        });
      }),
  };
  return Array.from({ length: count }, () => maker);
}

/** Finishes what was begun; other work may begin then. */
async function finish(begun: Begun, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    begun.get(key)!.finish();
    begun.delete(key);
  }
  await new Promise(setImmediate);
}

function pool(makerCount: number, limit: number): { pool: BatchPool; begun: Begun } {
  const begun: Begun = new Map();
  const made = new BatchPool(makers(makerCount, begun), limit);
  made.length = 10;
  return { pool: made, begun };
}

describe("BatchPool", () => {
  it("has the batches after the one that is asked for made, up to its limit", async () => {
    const { pool: batches, begun } = pool(4, 3);
    const first = batches.take(0, 0);
    expect([...begun.keys()]).to.deep.equal(["0/0", "0/1", "0/2"]);
    await finish(begun, "0/1", "0/2");
    expect([...begun.keys()]).to.deep.equal(["0/0"]);
    await finish(begun, "0/0");
    expect(await first).to.deep.equal(answerFor(0, 0));
    expect([...begun.keys()]).to.deep.equal(["0/3"]);
  });

  it("gives a maker one batch at a time", async () => {
    const { pool: batches, begun } = pool(1, 3);
    void batches.take(0, 0);
    expect([...begun.keys()]).to.deep.equal(["0/0"]);
    await finish(begun, "0/0");
    expect([...begun.keys()]).to.deep.equal(["0/1"]);
  });

  it("makes nothing ahead past the end of the epoch", async () => {
    const { pool: batches, begun } = pool(4, 4);
    void batches.take(2, 8);
    expect([...begun.keys()]).to.deep.equal(["2/8", "2/9"]);
  });

  it("keeps what lies ahead when batches are left out, and drops the rest", async () => {
    const { pool: batches, begun } = pool(4, 4);
    void batches.take(0, 0);
    await finish(begun, "0/0", "0/1", "0/2", "0/3");
    await finish(begun, "0/4");
    void batches.take(0, 3);
    await finish(begun);
    expect([...begun.keys()]).to.deep.equal(["0/5", "0/6", "0/7"]);
  });

  it("drops what was made ahead when another place is asked for", async () => {
    const { pool: batches, begun } = pool(2, 2);
    void batches.take(0, 0);
    await finish(begun, "0/0", "0/1");
    await finish(begun, "0/2");
    void batches.take(1, 5);
    expect([...begun.keys()]).to.deep.equal(["1/5", "1/6"]);
  });

  it("waits for a batch that nobody needs any more before it begins another", async () => {
    const { pool: batches, begun } = pool(2, 1);
    void batches.take(0, 0);
    await finish(begun, "0/0");
    expect([...begun.keys()]).to.deep.equal(["0/1"]);
    const other = batches.take(0, 7);
    expect([...begun.keys()]).to.deep.equal(["0/1"]);
    await finish(begun, "0/1");
    await finish(begun, "0/7");
    expect(await other).to.deep.equal(answerFor(0, 7));
  });

  it("answers many calls at once, in any order, with no more than its limit alive", async () => {
    const { pool: batches, begun } = pool(3, 2);
    const places = [4, 0, 9, 2, 2, 5];
    const calls = places.map((index) => batches.take(0, index));
    while (begun.size > 0) {
      expect(begun.size).to.be.at.most(2);
      await finish(begun, [...begun.keys()][0]!);
    }
    expect(await Promise.all(calls)).to.deep.equal(places.map((index) => answerFor(0, index)));
  });

  it("throws a batch away that was made ahead when a caller waits for room", async () => {
    const { pool: batches, begun } = pool(2, 2);
    void batches.take(0, 0);
    await finish(begun, "0/0", "0/1");
    await finish(begun, "0/2"); // 1 and 2 are made and fill the pool
    const again = batches.take(0, 0);
    await finish(begun, "0/0");
    expect(await again).to.deep.equal(answerFor(0, 0));
  });

  it("keeps a batch that was only peeked at", async () => {
    const { pool: batches, begun } = pool(1, 1);
    const peeked = batches.peek(0, 3);
    await finish(begun, "0/3");
    expect(await peeked).to.deep.equal(answerFor(0, 3));
    expect(await batches.take(0, 3)).to.deep.equal(answerFor(0, 3));
  });

  it("says which batch failed, and makes it anew when asked again", async () => {
    const { pool: batches, begun } = pool(1, 1);
    const call = failure(batches.take(3, 1));
    begun.get("3/1")!.fail(new Error("torn"));
    expect(await call).to.equal("Cannot make batch 1 of epoch 3: torn");
    begun.delete("3/1");
    const again = batches.take(3, 1);
    await finish(begun, "3/2");
    await finish(begun, "3/1");
    expect(await again).to.deep.equal(answerFor(3, 1));
  });

  it("tells the failure of a batch that was made ahead only to whoever asks for it", async () => {
    const { pool: batches, begun } = pool(2, 2);
    const first = batches.take(0, 0);
    begun.get("0/1")!.fail(new Error("torn"));
    await finish(begun, "0/0");
    expect(await first).to.deep.equal(answerFor(0, 0));
    expect(await failure(batches.take(0, 1))).to.equal("Cannot make batch 1 of epoch 0: torn");
  });

  it("fails every call after `fail`, and those that wait", async () => {
    const { pool: batches } = pool(1, 2);
    const calls = [0, 1].map((index) => failure(batches.take(0, index)));
    batches.fail(new Error("gone"));
    batches.fail(new Error("gone again"));
    expect(await Promise.all(calls)).to.deep.equal([
      "Cannot make batch 0 of epoch 0: gone",
      "Cannot make batch 1 of epoch 0: gone",
    ]);
    expect(await failure(batches.take(1, 0))).to.equal("Cannot make batch 0 of epoch 1: gone");
  });
});
