import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { useBackend } from "../../../framework/backend/register.ts";
import type { HostBatch } from "../../../framework/base/hostTensor.ts";
import type { Logger } from "../../../framework/tracking/logger.ts";
import { silentLogger } from "../../../framework/tracking/loggers/silentLogger.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import type { LogOptions } from "../../../framework/training/logOptions.ts";
import type { StepContext } from "../../../framework/training/stepContext.ts";
import { Trainer, type TrainerOptions } from "../../../framework/training/trainer.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import { at, fitToy, quiet } from "../../support/fitToy.ts";
import { recordingLogger, toyLoader, toyModule } from "../../support/toyTraining.ts";

/** A toy whose training step logs something beside its loss. */
const logging =
  (log: (context: StepContext, batch: tf.NamedTensorMap) => void) =>
  (toy: TrainingModule): Partial<TrainingModule> => ({
    trainingStep(batch, context) {
      log(context, batch);
      return { loss: toy.trainingStep(batch, context).loss };
    },
  });

/** Rows of a fit of two epochs of two batches whose step logs 1, 2, 3 and 4. */
async function rowsOf(options: LogOptions, fit: TrainerOptions = {}) {
  const logger = recordingLogger();
  const result = await fitToy({
    maxEpochs: 2,
    batches: 2,
    logEveryNSteps: 1,
    loggers: [logger],
    overrides: (toy) => ({
      ...logging(({ log }, { n }) => log("mine", n!, options))(toy),
      prepareBatch: countBatches(),
    }),
    ...fit,
  });
  const mine = logger.rows.map(({ step, metrics }) => ({
    step,
    ...Object.fromEntries(Object.entries(metrics).filter(([name]) => name.startsWith("mine"))),
  }));
  return { rows: mine.filter((row) => Object.keys(row).length > 1), metrics: result.metrics };
}

/** Puts the number of each batch into it, from 1. */
function countBatches(): (batch: HostBatch) => HostBatch {
  let made = 0;
  return (batch) => ({ ...batch, n: { shape: [1], values: Float32Array.of(++made) } });
}

describe("log() in a training step", () => {
  it("logs each step by default", async () => {
    const { rows } = await rowsOf({});
    expect(rows).to.deep.equal([1, 2, 3, 4].map((n) => ({ step: n, mine: n })));
  });

  it("logs the epoch's mean with onEpoch alone", async () => {
    const { rows, metrics } = await rowsOf({ onStep: false, onEpoch: true });
    expect(rows).to.deep.equal([
      { step: 2, mine: 1.5 },
      { step: 4, mine: 3.5 },
    ]);
    expect(metrics["mine"]).to.equal(3.5);
  });

  it("tells the two apart by name when both are asked for", async () => {
    const { rows, metrics } = await rowsOf({ onEpoch: true });
    expect(rows).to.deep.equal([
      { step: 1, mine_step: 1 },
      { step: 2, mine_step: 2 },
      { step: 2, mine_epoch: 1.5 },
      { step: 3, mine_step: 3 },
      { step: 4, mine_step: 4 },
      { step: 4, mine_epoch: 3.5 },
    ]);
    expect(metrics).to.have.property("mine", 3.5);
    expect(metrics).to.not.have.any.keys("mine_step", "mine_epoch");
  });

  for (const [reduceFx, first, second] of [
    ["sum", 3, 7],
    ["min", 1, 3],
    ["max", 2, 4],
  ] as const) {
    it(`reduces an epoch to its ${reduceFx}`, async () => {
      const { rows } = await rowsOf({ onStep: false, onEpoch: true, reduceFx });
      expect(rows.map((row) => Object.values(row)[1])).to.deep.equal([first, second]);
    });
  }

  it("keeps a value from the loggers, not from the callbacks", async () => {
    const { rows, metrics } = await rowsOf({ logger: false });
    expect([rows, metrics["mine"]]).to.deep.equal([[], 4]);
  });

  it("follows logEveryNSteps, while metrics are always up to date", async () => {
    const seen: (number | undefined)[] = [];
    const looking = at("onTrainBatchEnd", ({ metrics }) => seen.push(metrics["mine"]));
    const { rows } = await rowsOf({}, { logEveryNSteps: 3, callbacks: [looking] });
    expect(rows.map(({ step }) => step)).to.deep.equal([3, 4]);
    expect(seen).to.deep.equal([1, 2, 3, 4]);
  });

  it("shows what the progress bar is to show", async () => {
    const shown: object[] = [];
    const looking = at("onTrainEnd", (state) => shown.push({ ...state.progressBarMetrics }));
    await rowsOf({ progBar: true }, { callbacks: [looking] });
    expect(shown).to.deep.equal([{ mine: 4 }]);
  });

  it("counts every batch of a window in the epoch, and the window's mean in the step", async () => {
    const { rows } = await rowsOf({ onEpoch: true }, { accumulateGradBatches: 2 });
    expect(rows).to.deep.equal([
      { step: 1, mine_step: 1.5 },
      { step: 1, mine_epoch: 1.5 },
      { step: 2, mine_step: 3.5 },
      { step: 2, mine_epoch: 3.5 },
    ]);
  });

  it("takes the mean of a name logged twice in a step", async () => {
    const { metrics } = await fitToy({
      maxSteps: 1,
      overrides: logging(({ log }) => {
        log("mine", 1);
        log("mine", 3);
      }),
    });
    expect(metrics["mine"]).to.equal(2);
  });

  for (const backend of ["cpu", "ort"] as const) {
    it(`weights each batch by its own batchSize, the shorter last one too, on ${backend}`, async () => {
      const { compile } = await useBackend(backend, { threads: 2 });
      const sizes = [3, 3, 1]; // the values of the batches are 1, 2 and 3
      const { metrics } = await fitToy({
        maxEpochs: 1,
        compile,
        batches: 3,
        loader: { length: 3, batch: (epoch, i) => toyLoader(3, sizes[i]!).batch(epoch, i) },
        overrides: (toy) => ({
          ...logging(({ log }, { n, x }) => {
            log("mine", n!, { onStep: false, onEpoch: true, batchSize: x!.shape[0]! });
          })(toy),
          prepareBatch: countBatches(),
        }),
      });
      expect(metrics["mine"]).to.be.closeTo(12 / 7, 1e-12);
      await tf.setBackend("cpu");
    });
  }

  const wrong: [options: LogOptions, name: string, message: string][] = [
    [{ onStep: false, onEpoch: false }, "mine", "expected onStep or onEpoch, got neither"],
    [{}, "mine/dataloader_idx_0", "is put behind names by itself"],
    [
      JSON.parse('{ "reduceFx": "median" }'),
      "mine",
      "expected reduceFx to be one of mean, sum, min, max",
    ],
  ];
  for (const [options, name, message] of wrong) {
    it(`refuses ${JSON.stringify(options)} for ${name}`, async () => {
      const overrides = logging(({ log }) => log(name, 1, options));
      const error = await fitToy({ maxSteps: 1, overrides }).catch(String);
      expect(error).to.include(message);
    });
  }

  it("refuses what is no number, and more than one", async () => {
    const stepWith = (value: tf.Tensor | number) => logging(({ log }) => log("mine", value));
    const several = logging(({ log }, { x }) => log("mine", x!));
    const nothing: number = JSON.parse("null");
    const table = [
      [several, "expected one number, got shape [2, 3]"],
      [stepWith(nothing), "expected a number or a scalar, got null"],
      [stepWith(JSON.parse('{ "a": 1 }')), 'expected a number or a scalar, got {"a":1}'],
    ] as const;
    for (const [overrides, problem] of table) {
      const error = await fitToy({ maxSteps: 1, overrides }).catch(String);
      expect(error).to.include(`Cannot log "mine": ${problem}`);
    }
    const callbacks = [at("onTrainBatchEnd", (state) => state.log("mine", nothing))];
    expect(await fitToy({ maxSteps: 1, callbacks }).catch(String)).to.include(
      "expected a number outside a step, got null",
    );
  });
});

describe("log() in hooks", () => {
  it("of an epoch logs once for the epoch, and refuses onStep", async () => {
    const logger = recordingLogger();
    const module: Partial<TrainingModule> = {
      onTrainEpochEnd: (state) => state.log("epochs", state.epoch),
    };
    await fitToy({ maxEpochs: 2, loggers: [logger], logEveryNSteps: 0, overrides: module });
    expect(logger.rows.map(({ step, metrics }) => [step, metrics])).to.deep.equal([
      [4, { epochs: 0 }],
      [8, { epochs: 1 }],
    ]);
    const onStep = at("onTrainEpochStart", (state) => state.log("x", 1, { onStep: true }));
    expect(await fitToy({ maxSteps: 1, callbacks: [onStep] }).catch(String)).to.include(
      "onStep needs a batch",
    );
  });

  it("of an epoch gives the value itself, before and after its batches", async () => {
    const hooks = ["onTrainEpochStart", "onTrainEpochEnd"] as const;
    const logger = recordingLogger();
    await fitToy({
      maxEpochs: 2,
      logEveryNSteps: 0,
      loader: toyLoader(2, 3), // 0.1 * 3 / 3 is another number than 0.1
      loggers: [logger],
      callbacks: hooks.map((hook) => at(hook, (state) => state.log(hook, 0.1))),
    });
    expect(logger.rows.map(({ metrics }) => metrics)).to.deep.equal(
      [1, 2].map(() => ({ onTrainEpochStart: 0.1, onTrainEpochEnd: 0.1 })),
    );
  });

  it("of a validation's start gives the value before any batch, too", async () => {
    const module = toyModule();
    const callbacks = [at("onValidationEpochStart", (state) => state.log("first", 5))];
    const [metrics] = await new Trainer({ ...quiet, callbacks }).validate(module, toyLoader(1));
    expect(metrics).to.include({ first: 5 });
    module.dispose();
  });

  it("lets monitors see at the epoch's end what the module logs there", async () => {
    const seen: unknown[] = [];
    await fitToy({
      maxEpochs: 1,
      overrides: { onTrainEpochEnd: (state) => state.log("score", 7) },
      callbacks: [
        {
          name: "m",
          kind: "monitor",
          onTrainEpochEnd: ({ metrics }) => void seen.push(metrics["score"]),
        },
      ],
    });
    expect(seen).to.deep.equal([7]);
  });

  it("about gradients is recorded with the step", async () => {
    const logger = recordingLogger();
    const norms = {
      name: "norms",
      onBeforeOptimizerStep: (
        state: { log(name: string, value: tf.Tensor): void },
        gradients: ReadonlyMap<string, tf.Tensor>,
      ) => state.log("norm/output.bias", gradients.get("output.bias")!.norm()),
    };
    await fitToy({ maxSteps: 2, logEveryNSteps: 1, loggers: [logger], callbacks: [norms] });
    expect(logger.rows.map(({ metrics }) => metrics["norm/output.bias"])).to.satisfy(
      (values: number[]) => values.length === 2 && values.every((value) => value > 0),
    );
  });
});

describe("log() of one name in two hooks", () => {
  const validated = async (
    ...logged: [hook: keyof Callback, value: number, options?: LogOptions][]
  ) => {
    const callbacks = logged.map(([hook, value, options]) =>
      at(hook, (state) => state.log("mine", value, options)),
    );
    const { metrics } = await fitToy({ maxEpochs: 1, validates: true, callbacks });
    return metrics["mine"];
  };

  it("reduces each hook's values on their own, and the later hook's count", async () => {
    const fromBatches = ["onValidationBatchEnd", 4] as const;
    expect(await validated([...fromBatches])).to.equal(4);
    const sums = { reduceFx: "sum" } as const;
    expect(await validated([...fromBatches], ["onValidationEpochEnd", 7, sums])).to.equal(7);
    expect(await validated([...fromBatches], ["onValidationEpochStart", 7])).to.equal(4);
  });

  it("reduces together what callbacks log in the same hook, with the same options alone", async () => {
    const hook = "onValidationBatchEnd";
    expect(await validated([hook, 4], [hook, 6])).to.equal(5);
    const error = await validated([hook, 4], [hook, 6, { reduceFx: "sum" }]).catch(String);
    expect(error).to.include('Cannot log "mine": expected reduceFx mean as before in this hook');
  });
});

describe("gradient hooks", () => {
  it("may put another gradient in one's place", async () => {
    const freezing = {
      name: "freezing",
      onAfterBackward(_state: unknown, gradients: Map<string, tf.Tensor>) {
        for (const [name, gradient] of gradients) gradients.set(name, gradient.mul(0));
      },
    };
    const optimizer = { name: "sgd", learningRate: 0.1 };
    const before = await fitToy({ maxSteps: 0, module: { optimizer } });
    const after = await fitToy({ maxSteps: 3, module: { optimizer }, callbacks: [freezing] });
    expect(after.bytes).to.equal(before.bytes);
  });
});

describe("logTable() and logPrCurve()", () => {
  it("log with the step, but not from the sanity check", async () => {
    const logged: unknown[] = [];
    const logger: Logger = {
      ...silentLogger,
      logTable: (key, table, { step }) => void logged.push([step, key, table]),
      logPrCurve: (key, curve, { step }) => void logged.push([step, key, curve]),
    };
    const table = { columns: ["word"], rows: [["a"]] };
    const curve = { labels: [true], predictions: [1] };
    const callback = at("onValidationEnd", async (state) => {
      await state.logTable("words", table);
      await state.logPrCurve("pr", curve);
    });
    await fitToy({
      maxSteps: 2,
      batches: 2,
      validates: true,
      numSanityValSteps: 1,
      loggers: [logger],
      callbacks: [callback],
    });
    expect(logged).to.deep.equal([
      [2, "words", table],
      [2, "pr", curve],
    ]);
  });
});
