import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { hasBatch, type DataLoader } from "../../../framework/data/dataLoader.ts";
import { workerLoader, type WorkerLoaderOptions } from "../../../framework/data/workerLoader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { idsOf } from "./examples.ts";
import { failure } from "./rejection.ts";
import shuffled from "./shuffledModule.ts";

const module = new URL("./workerModules.ts", import.meta.url);

describe("workerLoader()", () => {
  const started: DataLoader[] = [];
  async function start(options: Partial<WorkerLoaderOptions>): Promise<DataLoader> {
    const loader = await workerLoader({ module, workers: 1, ...options });
    started.push(loader);
    return loader;
  }
  afterEach(async () => {
    for (const loader of started.splice(0)) await loader.dispose!();
  });

  for (const workers of [1, 2, 3]) {
    it(`gives the plain loader's batches in order and out of it, ${workers} workers`, async () => {
      const plain = shuffled({ examples: 11 });
      const file = path.join(import.meta.dirname, "shuffledModule.ts");
      const loader = await start({ module: file, workers, options: { examples: 11 } });
      expect(loader.length).to.equal(5);
      for (const epoch of [0, 1]) {
        for (let index = 0; index < 5; index++) {
          const batch = await loader.batch(epoch, index);
          expect(batch).to.deep.equal(await plain.batch(epoch, index));
        }
      }
      const places = [3, 0, 0, 4, 1];
      const batches = await Promise.all(places.map((index) => loader.batch(7, index)));
      for (const [i, index] of places.entries()) {
        expect(batches[i]).to.deep.equal(await plain.batch(7, index));
      }
    });
  }

  it("gives the batches of a loader of unknown length", async () => {
    const loader = await start({ workers: 2, factory: "streamed" });
    expect(loader.length).to.equal(Infinity);
    for (const epoch of [0, 1]) {
      const ids: number[] = [];
      while (await hasBatch(loader, epoch, ids.length)) {
        ids.push(...idsOf(await loader.batch(epoch, ids.length)));
      }
      expect(ids).to.deep.equal([...Array(5 + epoch).keys()]);
      expect(loader.length).to.equal(5 + epoch);
    }
    expect(await failure(loader.batch(0, 5))).to.equal(
      "Cannot load batch 5 of epoch 0: the epoch has 5 batches; ask hasBatch() first",
    );
  });

  const folder = temporaryFolder();
  it("begins no more than `prefetchBatches` beside those that were taken", async () => {
    const file = folder.path("begun.txt");
    const options = { file };
    const loader = await start({ factory: "noted", options, workers: 3, prefetchBatches: 2 });
    const begun = (): string[] => readFileSync(file, "utf8").trimEnd().split("\n");
    for (let index = 0; index < 10; index++) {
      await loader.batch(0, index);
      expect(begun().length).to.be.at.most(index + 3);
    }
    expect(idsOf(await loader.batch(0, 19))).to.deep.equal([19]);
    expect(begun()).to.include("0/19");
    expect(begun().length).to.be.at.most(13);
  });

  it("hands memory over instead of copying it, unless it is a part of a larger one", async () => {
    const loader = await start({ factory: "handing" });
    const { id, twice, left, part } = await loader.batch(0, 0);
    expect([id, twice, left].map((tensor) => [...tensor!.values])).to.deep.equal([[0], [0], [-1]]);
    expect([...part!.values]).to.deep.equal([1, 2]);
    const next = await loader.batch(0, 1);
    expect([...next["left"]!.values]).to.deep.equal([0]);
    expect([...next["part"]!.values]).to.deep.equal([2, 3]);
    await loader.batch(0, 2);
    expect(await failure(loader.batch(0, 3))).to.equal(
      `Cannot make batch 3 of epoch 0: entry "id" has no values any more; a batch's memory is handed over, so make new arrays for each`,
    );
  });

  it("throws the thread's error with its stack, and goes on", async () => {
    const loader = await start({ factory: "failing" });
    const error = await loader.batch(3, 1).catch((cause: unknown) => cause);
    if (!(error instanceof InputError)) expect.fail(`expected an InputError, got ${String(error)}`);
    expect(error.message).to.equal("Cannot make batch 1 of epoch 3: picture 7 is torn");
    const { cause } = error;
    if (!(cause instanceof InputError)) expect.fail(`expected a cause, got ${String(cause)}`);
    expect(cause.stack).to.match(/failToDecode.*workerModules\.ts/);
    expect(idsOf(await loader.batch(3, 2))).to.deep.equal([2]);
  });

  const deaths = [
    { factory: "exiting", message: "worker 1 of 1 ended with code 7" },
    { factory: "crashing", message: "worker 1 of 1 died: out of luck" },
  ];
  for (const { factory, message } of deaths) {
    it(`fails when a thread dies: ${factory}`, async () => {
      const loader = await start({ factory });
      expect(idsOf(await loader.batch(0, 0))).to.deep.equal([0]);
      expect(await failure(loader.batch(0, 1))).to.equal(
        `Cannot make batch 1 of epoch 0: ${message}`,
      );
      expect(await failure(loader.batch(0, 3))).to.equal(
        `Cannot make batch 3 of epoch 0: ${message}`,
      );
    });
  }

  it("fails after dispose(), and what was waiting, too", async () => {
    const loader = await start({ factory: "handing" });
    const waiting = failure(loader.batch(0, 1));
    await loader.dispose!();
    expect(await waiting).to.equal("Cannot make batch 1 of epoch 0: the loader was disposed");
    expect(await failure(loader.batch(0, 0))).to.include("the loader was disposed");
    await loader.dispose!();
  });

  const refusals = [
    { factory: "refusing", reason: "the folder is empty" },
    { factory: "wrong", reason: `expected "wrong" to return a DataLoader, got number` },
    { factory: "missing", reason: `expected it to export a function "missing", got crashing,` },
  ];
  for (const { factory, reason } of refusals) {
    it(`does not start: ${factory}`, async () => {
      expect(await failure(start({ factory }))).to.include(
        `Cannot load batches with ${module.href}: ${reason}`,
      );
    });
  }

  it("does not start with a module that is not there, or without workers", async () => {
    expect(await failure(start({ module: "none.ts" }))).to.match(
      /^Cannot load batches with file:.*none\.ts: Cannot find module/,
    );
    expect(await failure(start({ workers: 0 }))).to.equal(
      "Cannot load batches: workers must be an integer >= 1, got 0",
    );
    expect(await failure(start({ prefetchBatches: 1.5 }))).to.include("got 1.5");
  });
}).timeout(180_000); // starts threads, on a machine that may be training
