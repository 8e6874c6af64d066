import { readFileSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { findLastCheckpoint, Trainer, type TrainingModule } from "seedbed";

import { batchSizeFinder, type BatchSizeFinderOptions } from "../../callbacks/batchSizeFinder.ts";
import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { useBackend } from "../../framework/backend/register.ts";
import { fitTogether, messages } from "../support/fitTogether.ts";
import { fitToy, quiet, type ToyFit } from "../support/fitToy.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

describe("batchSizeFinder()", () => {
  const folder = temporaryFolder();
  const module = { noise: 0.3 };

  /** Fits on epochs of 20 batches of 2; a batch needs 100 MB, and 10 MB for each example. */
  async function find(options: Partial<BatchSizeFinderOptions> = {}, extra: ToyFit = {}) {
    const lines: string[] = [];
    const tried: number[] = [];
    let size = 0;
    let nowMs = 0;
    const machine = { memoryMb: () => 100 + 10 * size, nowMs: () => (nowMs += 100) };
    const overrides = (toy: TrainingModule): Partial<TrainingModule> => ({
      prepareBatch(batch, ...others) {
        size = batch["x"]!.shape[0]!;
        if (size !== tried.at(-1)) tried.push(size);
        return toy.prepareBatch!(batch, ...others);
      },
    });
    const result = await fitToy({
      batches: 20,
      maxSteps: 3,
      module,
      overrides,
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [batchSizeFinder({ maxMemoryMb: 1000, ...options }, machine)],
      print: (line) => void lines.push(line),
      ...extra,
    });
    const said = lines.filter((line) => line.startsWith("batchSizeFinder"));
    return { result, tried: tried.slice(0, -1), said };
  }

  const table: [options: Partial<BatchSizeFinderOptions>, size: number, tried: number[]][] = [
    [{ initialBatchSize: 4 }, 40, [4, 8, 16, 32, 40]],
    [{ initialBatchSize: 30, maxBatchSize: 200 }, 60, [30, 60, 120]],
    [
      { mode: "binsearch", margin: 0, initialBatchSize: 60, maxBatchSize: 500 },
      90,
      [60, 120, 90, 105, 97, 93, 91],
    ],
  ];
  for (const [options, size, tried] of table) {
    it(`says that ${size} fit, with ${JSON.stringify(options)}`, async () => {
      const found = await find(options);
      expect(found.said.join()).to.match(
        new RegExp(
          `^batchSizeFinder: ${size} examples fit in a batch, .* in .*finder.json; training`,
        ),
      );
      expect(found.tried.filter((each) => each !== 2)).to.deep.equal(tried);
      const { batchSize, trials } = JSON.parse(
        readFileSync(folder.path("batch-size-finder.json"), "utf8"),
      );
      expect([batchSize, trials.length]).to.deep.equal([size, tried.length]);
    });
  }

  for (const backend of ["cpu", "ort"] as const) {
    it(`leaves no trace in what is trained, on ${backend}`, async () => {
      const { compile } = await useBackend(backend, { threads: 2 });
      const { result } = await find({}, { compile, accumulateGradBatches: 2 });
      const options = { batches: 20, maxSteps: 3, module, accumulateGradBatches: 2, compile };
      expect(result).to.deep.equal(await fitToy(options));
      await tf.setBackend("cpu");
    });
  }

  it("does not search in a fast development run, nor in a fit that is resumed", async () => {
    expect((await find({}, { fastDevRun: true })).said).to.deep.equal([]);
    const toy = toyModule();
    const lines: string[] = [];
    const fit = (maxSteps: number, resumeFrom?: string) =>
      new Trainer({
        ...quiet,
        maxSteps,
        checkpointsFolder: folder.path("run"),
        callbacks: [batchSizeFinder({ maxBatchSize: 4 }), modelCheckpoint()],
        print: (line) => void lines.push(line),
      }).fit(toy, { trainLoader: toyLoader(4), resumeFrom });
    await fit(2);
    expect(lines.join("\n")).to.include("batchSizeFinder: ");
    lines.length = 0;
    await fit(4, findLastCheckpoint(folder.path("run")));
    expect(lines.join("\n")).not.to.include("batchSizeFinder: ");
    toy.dispose();
  });

  it("refuses several workers", async () => {
    for (const message of messages(await fitTogether({ callbacks: [batchSizeFinder()] }))) {
      expect(message).to.include("Cannot find a batch size on 2 workers: expected one");
    }
  });

  it("needs a largest size where the loader has no length", async () => {
    const loader = { ...toyLoader(4), length: Infinity, has: async () => true };
    expect(await find({}, { loader }).catch(String)).to.include("or give maxBatchSize");
    expect((await find({ maxBatchSize: 4 }, { loader })).said).to.have.length(1);
  });
});
