import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import {
  findLastCheckpoint,
  Trainer,
  type Callback,
  type DataLoader,
  type TrainerOptions,
} from "seedbed";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { sgd } from "../../../framework/optim/optimizers/sgd.ts";
import type { ManualTrainingModule } from "../../../framework/training/trainingModule.ts";
import { brokenLoader } from "../../support/brokenLoader.ts";
import { at, fitToy, quiet, type ToyFit } from "../../support/fitToy.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  parameterBytes,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";
import { resumableFit } from "./resumableFit.ts";

describe("trainer.precision", () => {
  onOrt();
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  /** A fit of the toy with the rows it logged. */
  async function rowsOf(options: ToyFit): Promise<Readonly<Record<string, number>>[]> {
    const logger = recordingLogger();
    await fitToy({ compile, logEveryNSteps: 1, loggers: [logger], ...options });
    return logger.rows.map(({ metrics }) => metrics);
  }
  const column = (rows: readonly Readonly<Record<string, number>>[], name: string): number[] =>
    rows.flatMap((row) => row[name] ?? []);

  // Predictions are about 2, of which half precision errs by up to 2^-11 and 2^-8: what the root of
  // the loss may be off is a few times that.
  const precisions = [
    { precision: "16-mixed", within: 2e-3 },
    { precision: "bf16-mixed", within: 1.6e-2 },
  ] as const;
  for (const { precision, within } of precisions) {
    it(`has the losses of float32, but not to the bit, in ${precision}`, async () => {
      const options = { maxSteps: 60, module: { noise: 0.1 }, validates: true };
      const exact = await rowsOf(options);
      const lossScale = { initialScale: 1024 };
      const mixed = await rowsOf({ ...options, precision, lossScale });
      for (const name of ["train/loss", "val/loss"]) {
        const [actual, expected] = [column(mixed, name), column(exact, name)];
        expect(actual).to.not.deep.equal(expected);
        for (const [i, loss] of actual.entries()) {
          expect(Math.sqrt(loss), `${name} ${i}`).to.be.closeTo(Math.sqrt(expected[i]!), within);
        }
      }
    });
  }

  it("takes 32 for 32-true", async () => {
    const [plain, same] = [
      await fitToy({ maxSteps: 2, compile }),
      await fitToy({ maxSteps: 2, compile, precision: 32 }),
    ];
    expect(same).to.deep.equal(plain);
  });

  it("says what it means on this device", async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    await fitToy({ maxSteps: 1, compile, precision: "16-mixed", print });
    const said = lines.filter((line) => line.startsWith("16-mixed: "));
    expect(said).to.have.length(1);
    expect(said[0]).to.include("rounded to float16, they are computed in float32");
  });

  it("is refused by a backend that runs operations as they are called", async () => {
    const error = await fitToy({ maxSteps: 1, precision: "bf16-mixed" }).catch(String);
    expect(error).to.include("Cannot compute in bf16-mixed: this backend runs operations");
  });

  const refused: readonly (readonly [TrainerOptions, string])[] = [
    [{ precision: "bf16-mixed", detectAnomaly: true }, "precision must be 32-true, since"],
    [{ lossScale: { initialScale: 0 } }, "lossScale.initialScale must be a number of float32"],
    [{ lossScale: { initialScale: 1e39 } }, "lossScale.initialScale must be a number of float32"],
    [{ lossScale: { growthFactor: 1 } }, "lossScale.growthFactor must be a number > 1, got 1"],
    [{ lossScale: { backoffFactor: 1 } }, "lossScale.backoffFactor must be a number between"],
    [{ lossScale: { growthInterval: 0 } }, "lossScale.growthInterval must be an integer >= 1"],
  ];
  for (const [options, message] of refused) {
    it(`is checked: ${message}`, () => {
      expect(() => new Trainer({ ...quiet, maxSteps: 1, ...options })).to.throw(message);
    });
  }

  describe("16-mixed", () => {
    const precision = "16-mixed";
    /** Gradients of the toy overflow float16 at scales of 2^18 and more. */
    const tooLarge = { initialScale: 2 ** 20 };

    /** Bytes of the parameters after each step. */
    function watchBytes(module: ReturnType<typeof toyModule>): Callback & { bytes: string[] } {
      const bytes: string[] = [];
      const keep = async (): Promise<void> => void bytes.push(await parameterBytes(module));
      return { name: "watchBytes", bytes, onTrainStart: keep, onTrainBatchEnd: keep };
    }

    it("halves the scale at a step that overflows, which changes no parameter", async () => {
      const module = toyModule();
      const watch = watchBytes(module);
      const logger = recordingLogger();
      const trainer = new Trainer({
        ...quiet,
        ...{ compile, precision, maxSteps: 8, lossScale: tooLarge },
        ...{ logEveryNSteps: 1, loggers: [logger], callbacks: [watch] },
      });
      const { step } = await trainer.fit(module, { trainLoader: toyLoader(4) });
      module.dispose();
      const rows = logger.rows.map(({ metrics }) => metrics);
      const overflows = column(rows, "train/gradientNorm").map((norm) => !Number.isFinite(norm));
      expect(step).to.equal(8);
      expect(overflows.slice(0, 3), "2^20 is far too large").to.deep.equal([true, true, true]);
      expect(overflows).to.include(false);
      const unchanged = watch.bytes.slice(1).map((bytes, i) => bytes === watch.bytes[i]);
      expect(unchanged).to.deep.equal(overflows);
      const skipped = overflows.map((_, i) => overflows.slice(0, i + 1).filter(Boolean).length);
      expect(column(rows, "train/skippedSteps")).to.deep.equal(skipped);
      expect(column(rows, "train/lossScale")).to.deep.equal(
        skipped.map((count) => 2 ** (20 - count)),
      );
    });

    it("counts only updates in bias corrections: the first moves parameters by the learning rate", async () => {
      const module = toyModule({ optimizer: { name: "adam", learningRate: 0.01 } });
      const bias = module.trainableParameters().get("output.bias")!;
      const before = bias.dataSync()[0]!;
      const moved: number[] = [];
      const watch = at("onTrainBatchEnd", () => {
        moved.push(Math.abs(bias.dataSync()[0]! - before));
      });
      const options = { compile, precision, maxSteps: 8, lossScale: tooLarge } as const;
      await new Trainer({ ...quiet, ...options, callbacks: [watch] }).fit(module, {
        trainLoader: toyLoader(4),
      });
      const first = moved.findIndex((each) => each > 0);
      expect(first).to.be.above(0);
      expect(moved[first]).to.be.closeTo(0.01, 1e-6);
      module.dispose();
    });

    it("counts skipped steps in the learning rate's schedule", async () => {
      const rows = await rowsOf({
        precision,
        maxSteps: 3,
        lossScale: { initialScale: 2 ** 30 },
        module: { lrSchedule: (tick) => 1 / (tick + 1) },
      });
      expect(column(rows, "train/skippedSteps")).to.deep.equal([1, 2, 3]);
      expect(column(rows, "train/learningRate")).to.deep.equal([0.01, 0.005, 0.01 * (1 / 3)]);
    });

    it("doubles the scale after steps without overflow", async () => {
      const lossScale = { initialScale: 8, growthInterval: 2 };
      const rows = await rowsOf({ precision, maxSteps: 5, lossScale });
      expect(column(rows, "train/lossScale")).to.deep.equal([8, 16, 16, 32, 32]);
    });

    it("shows hooks what Lightning's see: the loss and gradients times the scale, then gradients", async () => {
      const norm = (gradients: ReadonlyMap<string, tf.Tensor>): tf.Tensor =>
        gradients.get("output.bias")!.norm();
      const logging: Callback = {
        name: "logging",
        onBeforeBackward: (state, loss) => state.log("scaledLoss", loss),
        onAfterBackward: (state, gradients) => state.log("scaledNorm", norm(gradients)),
        onBeforeOptimizerStep: (state, gradients) => state.log("norm", norm(gradients)),
      };
      const lossScale = { initialScale: 1024 };
      const [row] = await rowsOf({ precision, maxSteps: 1, lossScale, callbacks: [logging] });
      expect(row!["scaledLoss"]).to.equal(row!["train/loss"]! * 1024);
      expect(row!["scaledNorm"]).to.be.closeTo(row!["norm"]! * 1024, 1e-3);
      expect(row!["norm"]).to.be.below(row!["train/gradientNorm"]!);
    });

    it("skips a window for an overflow in its first batch, and forgets its gradients", async () => {
      const common: ToyFit = {
        ...{ compile, precision, accumulateGradBatches: 2, gradientClipVal: 1 },
        lossScale: { initialScale: 512 },
        overrides: (toy) => ({
          trainingStep: ({ times, ...batch }, context) => ({
            loss: toy.trainingStep(batch, context).loss.mul(times!).asScalar(),
          }),
        }),
      };
      /** Batches whose losses are multiplied by numbers of their own. */
      const loader = (from: number, times: readonly number[]): DataLoader => ({
        length: times.length,
        batch: async (_epoch, index) => ({
          ...(await toyLoader(4).batch(0, from + index)),
          times: { shape: [], values: Float32Array.of(times[index]!) },
        }),
      });
      const spiked = loader(0, [1e30, 1, 1, 1]);
      const start = await fitToy({ ...common, maxSteps: 0, loader: spiked });
      const one = await fitToy({ ...common, maxSteps: 1, loader: spiked });
      expect(one.bytes).to.equal(start.bytes);
      expect(one.metrics["train/skippedSteps"]).to.equal(1);
      const two = await fitToy({ ...common, maxSteps: 2, loader: spiked });
      const lossScale = { initialScale: 256 };
      const later = await fitToy({ ...common, maxSteps: 1, lossScale, loader: loader(2, [1, 1]) });
      expect(later.bytes).to.not.equal(start.bytes);
      expect(two.bytes).to.equal(later.bytes);
    });

    it("skips a step though a hook makes its gradients finite", async () => {
      const cutting = (_state: unknown, gradients: Map<string, tf.Tensor>): void => {
        for (const [name, each] of gradients) gradients.set(name, each.clipByValue(-1, 1));
      };
      const rows = await rowsOf({
        precision,
        maxSteps: 1,
        lossScale: { initialScale: 2 ** 30 },
        callbacks: [{ name: "cutting", onBeforeOptimizerStep: cutting }],
      });
      expect(column(rows, "train/skippedSteps")).to.deep.equal([1]);
      expect(rows[0]).to.not.have.property("train/gradientCheck");
    });

    it("ends when gradients are not finite at any scale", async () => {
      const error = await fitToy({
        compile,
        precision,
        maxSteps: 100,
        overrides: (toy) => ({
          trainingStep: (batch, context) => ({
            loss: toy.trainingStep(batch, context).loss.mul(1e30).asScalar(),
          }),
        }),
      }).catch(String);
      expect(error).to.include("Cannot go on after step 29: expected finite gradients");
    });

    it("still ends when the loss is not finite though gradients are", async () => {
      const error = await fitToy({
        compile,
        precision,
        maxSteps: 3,
        lossScale: { initialScale: 1024 },
        overrides: (toy) => ({
          trainingStep: (batch, context) => ({
            loss: toy.trainingStep(batch, context).loss.add(Infinity).asScalar(),
          }),
        }),
      }).catch(String);
      expect(error).to.include("Cannot go on after step 1: expected a finite loss, got Infinity");
    });

    it("leaves no trace of steps on trial, with their skipped ones", async () => {
      const options = {
        compile,
        precision,
        maxSteps: 4,
        lossScale: { initialScale: 2 ** 18 },
      } as const;
      const trying = at("onFitStart", (state) =>
        state.tryTraining(async (step) => {
          for (let i = 0; i < 5; i++) await step();
        }),
      );
      expect(await fitToy({ ...options, callbacks: [trying] })).to.deep.equal(
        await fitToy(options),
      );
    });

    describe("with a manualTrainingStep", () => {
      it("skips all optimizers of a batch together", async () => {
        const [a, b] = tf.tidy(() => [tf.variable(tf.scalar(0)), tf.variable(tf.scalar(0))]);
        const plus = (x: tf.Tensor): tf.Tensor => tf.matMul(x.reshape([1, 1]), [[1]]);
        const module: ManualTrainingModule = {
          trainableParameters: () =>
            new Map([
              ["a", a!],
              ["b", b!],
            ]),
          configureOptimizers: () =>
            [a!, b!].map((parameter, i) => ({
              name: `optimizer${i}`,
              optimizer: sgd({ learningRate: 1 }),
              parameters: new Map([["x", parameter]]),
            })),
          manualTrainingStep: (_batch, { optimizers: [first, second] }) => ({
            first: first!.minimize(() => plus(a!).neg().asScalar()),
            second: second!.minimize(() => b!.sub(a!).asScalar()),
          }),
        };
        const logger = recordingLogger();
        const options = { ...quiet, compile, precision, maxSteps: 6, logEveryNSteps: 1 } as const;
        const lossScale = { initialScale: 2 ** 17 };
        const trainer = new Trainer({ ...options, lossScale, loggers: [logger] });
        const { step } = await trainer.fit(module, {
          trainLoader: {
            length: 3,
            batch: async () => ({ x: { shape: [1], values: Float32Array.of(1) } }),
          },
        });
        const rows = logger.rows.map(({ metrics }) => metrics);
        expect(step).to.equal(6);
        // 2^17 and 2^16 are beyond float16's 65504.
        expect(column(rows, "train/skippedSteps")).to.deep.equal([2, 4, 4]);
        expect(column(rows, "train/lossScale")).to.deep.equal([2 ** 16, 2 ** 15, 2 ** 15]);
        expect([a!.dataSync()[0], b!.dataSync()[0]]).to.deep.equal([1, -1]);
        expect(column(rows, "train/first")).to.deep.equal([-0, -0, -0]);
        tf.dispose([a!, b!]);
      });
    });

    describe("checkpoints", () => {
      const folder = temporaryFolder();
      const options = {
        precision,
        lossScale: { initialScale: 2 ** 19, growthInterval: 4 },
      } as const;

      it("hold the scale: a resumed fit has the bits of one that was not interrupted", async () => {
        const whole = await resumableFit(folder.path("whole"), { compile, ...options });
        const parts = folder.path("parts");
        await resumableFit(parts, { compile, ...options, maxSteps: 9 });
        const resumed = await resumableFit(parts, { compile, ...options });
        expect(resumed.bytes).to.equal(whole.bytes);
        expect(resumed.metrics).to.deep.equal(whole.metrics);
        expect(whole.metrics["train/skippedSteps"]).to.be.above(1);
      });

      it("without one, of older versions, start with a new scale", async () => {
        const parts = folder.path("older");
        await resumableFit(parts, { compile, maxSteps: 9 });
        const file = path.join(
          findLastCheckpoint(path.join(parts, "checkpoints"))!,
          "trainer.json",
        );
        const { precision: kept, ...content } = JSON.parse(readFileSync(file, "utf8"));
        expect([kept, content.lossScale]).to.deep.equal(["32-true", undefined]);
        writeFileSync(file, JSON.stringify(content));
        const lossScale = { initialScale: 64 };
        const resumed = await resumableFit(parts, { compile, precision, lossScale });
        expect(resumed.metrics).to.include({ "train/lossScale": 64, "train/skippedSteps": 0 });
      });

      for (const onNonFinite of ["skip", "rollBack"] as const) {
        it(`of another precision's ${onNonFinite} have no scale, but steps that were left out`, async () => {
          const checkpointsFolder = folder.path(onNonFinite);
          const saving = at(
            "onTrainBatchEnd",
            (state) => state.step === 4 && state.saveCheckpoint(),
          );
          const fit = { onNonFinite, checkpointsFolder, callbacks: [saving] };
          const skips = onNonFinite === "skip";
          await rowsOf({ ...fit, maxSteps: 4, loader: brokenLoader(skips ? [1] : []) });
          const module = toyModule();
          const logger = recordingLogger();
          const trainer = new Trainer({
            ...quiet,
            ...{ compile, precision, maxSteps: 8, logEveryNSteps: 1, loggers: [logger] },
            ...fit,
            lossScale: { initialScale: 1024, growthInterval: 3 },
          });
          // the sixth step goes back to the checkpoint, and so to the scale that it began with
          await trainer.fit(module, {
            trainLoader: brokenLoader(skips ? [] : [5]),
            resumeFrom: path.join(checkpointsFolder, "step-0000004"),
          });
          module.dispose();
          const rows = logger.rows.map(({ metrics }) => metrics);
          expect(column(rows, "train/lossScale")).to.deep.equal([
            ...[1024, 1024],
            ...(skips ? [2048, 2048] : [1024, 1024]),
          ]);
          expect(column(rows, "train/skippedSteps")[0]).to.equal(skips ? 1 : 0);
        });
      }

      it("of another precision are resumed from with a warning", async () => {
        const parts = folder.path("changed");
        await resumableFit(parts, { compile, maxSteps: 9 });
        const lines: string[] = [];
        const print = (line: string): void => void lines.push(line);
        await resumableFit(parts, { compile, precision: "bf16-mixed", print });
        expect(lines).to.include("precision is bf16-mixed, but was 32-true before resuming");
      });
    });
  });
});
