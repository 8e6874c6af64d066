import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { Trainer, type TrainerOptions } from "../../../framework/training/trainer.ts";
import type { BaseModule } from "../../../framework/training/trainingModule.ts";
import { quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  parameterBytes,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";

/** Batches of one number each. */
const numbers = (...values: number[]): DataLoader => ({
  length: values.length,
  batch: async (_epoch, index) => ({ v: { shape: [1], values: Float32Array.of(values[index]!) } }),
});

/** As `numbers`, but its length is known only at its end. */
const unsized = (...values: number[]): DataLoader => ({
  ...numbers(...values),
  length: Infinity,
  has: async (_epoch, index) => index < values.length,
});

/** Its metrics are the numbers it is given; nothing is trained. */
const reading: BaseModule = {
  trainableParameters: () => new Map(),
  configureOptimizers: () => [],
  validationStep: ({ v }) => ({ "val/mean": v!.mean<tf.Scalar>() }),
  testStep: ({ v }) => ({ "test/mean": v!.mean<tf.Scalar>() }),
  predictStep: ({ v }) => ({ twice: v!.mul(2) }),
};

const trainer = (options: TrainerOptions = {}) =>
  new Trainer({ ...quiet, maxSteps: 1, ...options });

describe("Trainer.validate() and test()", () => {
  it("give a list with one entry for each loader", async () => {
    expect(await trainer().validate(reading, numbers(1, 2, 6))).to.deep.equal([{ "val/mean": 3 }]);
    expect(await trainer().test(reading, [numbers(1, 3), numbers(5)])).to.deep.equal([
      { "test/mean/dataloader_idx_0": 2 },
      { "test/mean/dataloader_idx_1": 5 },
    ]);
  });

  it("log the metrics of all loaders in one row", async () => {
    const logger = recordingLogger();
    await trainer({ loggers: [logger] }).test(reading, [numbers(1), numbers(2)]);
    expect(logger.rows.map(({ metrics }) => metrics)).to.deep.equal([
      { "test/mean/dataloader_idx_0": 1, "test/mean/dataloader_idx_1": 2 },
    ]);
  });

  it("tell the step which loader a batch is from", async () => {
    const telling: BaseModule = {
      ...reading,
      testStep: (_batch, { loaderIndex }) => ({ index: tf.scalar(loaderIndex) }),
    };
    expect(await trainer().test(telling, [numbers(1), numbers(1)])).to.deep.equal([
      { "index/dataloader_idx_0": 0 },
      { "index/dataloader_idx_1": 1 },
    ]);
  });

  it("leave the loader out of a name on request", async () => {
    const module: BaseModule = {
      ...reading,
      testStep({ v }, { log }) {
        log("mean", v!.mean(), { addDataloaderIdx: false });
        return {};
      },
    };
    const both = { mean: 2 };
    expect(await trainer().test(module, [numbers(1), numbers(3)])).to.deep.equal([both, both]);
  });

  it("walk a loader of unknown length to its end", async () => {
    expect(await trainer().test(reading, unsized(1, 2, 6))).to.deep.equal([{ "test/mean": 3 }]);
  });

  for (const [options, mean] of [
    [{ limitTestBatches: 2 }, 2],
    [{ limitTestBatches: 0.25 }, 1],
    [{ fastDevRun: true }, 1],
    [{}, 4],
  ] as const) {
    it(`follow ${JSON.stringify(options)}`, async () => {
      expect(await trainer(options).test(reading, numbers(1, 3, 5, 7))).to.deep.equal([
        { "test/mean": mean },
      ]);
    });
  }

  it("call only setup and teardown when limits leave no batch", async () => {
    const calls: string[] = [];
    const hooks = ["setup", "onTestStart", "onTestEnd", "teardown"] as const;
    const recording: Callback = {
      name: "recording",
      ...Object.fromEntries(hooks.map((hook) => [hook, () => void calls.push(hook)])),
    };
    const result = await trainer({ limitTestBatches: 0, callbacks: [recording] }).test(
      reading,
      numbers(1),
    );
    expect([result, calls]).to.deep.equal([[], ["setup", "teardown"]]);
  });

  it("refuse a module without the step, and no loader", async () => {
    const without: BaseModule = { ...reading };
    delete without.testStep;
    expect(await trainer().test(without, numbers(1)).catch(String)).to.equal(
      "TypeError: Cannot test: the module has no testStep",
    );
    expect(await trainer().test(reading, []).catch(String)).to.include("expected a loader");
  });
});

describe("Trainer.predict()", () => {
  it("gives each loader's batches", async () => {
    const predictions = await trainer().predict(reading, [numbers(1, 2), numbers(5)]);
    expect(predictions.map((of) => of.map(({ twice }) => twice!.values[0]))).to.deep.equal([
      [2, 4],
      [10],
    ]);
  });

  it("gives an empty list for a loader without a batch", async () => {
    const predictions = await trainer().predict(reading, [unsized(), numbers(5)]);
    expect(predictions.map((of) => of.map(({ twice }) => twice!.values[0]))).to.deep.equal([
      [],
      [10],
    ]);
  });

  it("gives nothing back on request; callbacks see every batch", async () => {
    const seen: number[] = [];
    const taking: Callback = {
      name: "taking",
      onPredictBatchEnd: (_state, { predictions }) =>
        void seen.push(Number(predictions["twice"]!.values[0])),
    };
    const result = await trainer({ callbacks: [taking] }).predict(reading, numbers(3, 4), {
      returnPredictions: false,
    });
    expect([result, seen]).to.deep.equal([[], [6, 8]]);
  });

  it("makes no optimizer", async () => {
    const module: BaseModule = {
      ...reading,
      configureOptimizers: () => {
        throw new Error("not needed");
      },
    };
    expect(await trainer().predict(module, numbers(1))).to.have.length(1);
  });
});

describe("Trainer: which weights are evaluated", () => {
  const folder = temporaryFolder();

  it("takes those in memory, or a checkpoint's", async () => {
    const module = toyModule({ optimizer: { name: "sgd", learningRate: 0.05 } });
    const fitting = new Trainer({
      ...quiet,
      maxSteps: 6,
      valCheckInterval: 2,
      checkpointsFolder: folder.path(),
      callbacks: [modelCheckpoint({ monitor: "val/loss", mode: "max", everyNTrainSteps: 2 })],
    });
    const valLoader = toyLoader(2);
    await fitting.fit(module, { trainLoader: toyLoader(6), valLoader });
    const last = await parameterBytes(module);
    const [inMemory] = await fitting.validate(module, valLoader);
    const [worst] = await fitting.validate(module, valLoader, { checkpoint: "best" });
    expect(worst!["val/loss"]).to.be.above(inMemory!["val/loss"]!);
    expect(await fitting.validate(module, valLoader, { checkpoint: "last" })).to.deep.equal([
      inMemory,
    ]);
    expect(await parameterBytes(module)).to.equal(last);
    module.dispose();
  });

  for (const [checkpoint, message] of [
    ["best", "Cannot find the best checkpoint: the Trainer has no checkpointsFolder"],
    ["nowhere", "Cannot read checkpoint nowhere"],
  ] as const) {
    it(`refuses ${checkpoint} when it is not there`, async () => {
      const error = await trainer().test(reading, numbers(1), { checkpoint }).catch(String);
      expect(error).to.include(message);
    });
  }
});
