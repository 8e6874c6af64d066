import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import {
  createOptimizer,
  findLastCheckpoint,
  hostTensor,
  Trainer,
  type ManualTrainingModule,
  type TrainingModule,
} from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { brokenLoader } from "../../support/brokenLoader.ts";
import { curve, fitIn, fitted, type Fitted, type WorkersFit } from "../../support/fitTogether.ts";
import { fitToy, quiet, type ToyFit } from "../../support/fitToy.ts";
import { together } from "../../support/memoryWorlds.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { parameterBytes, recordingLogger, toyModule } from "../../support/toyTraining.ts";

describe("trainer.onNonFinite: stop", () => {
  it("is the default: the fit ends before anything of the step is saved", async () => {
    const error = await fitToy({ maxSteps: 8, loader: brokenLoader([5]) }).catch(String);
    expect(error).to.include("Cannot go on after step 6: expected a finite loss, got NaN");
  });
});

for (const backend of ["cpu", "ort"] as const) {
  describe(`trainer.onNonFinite: skip, on ${backend}`, () => {
    if (backend === "ort") onOrt();
    const folder = temporaryFolder();
    let compile: Compile = runEagerly;
    before(async () => {
      if (backend === "ort") ({ compile } = await useBackend("ort", { threads: 2 }));
    });
    const fit = (options: ToyFit): ReturnType<typeof fitToy> =>
      fitToy({ compile, onNonFinite: "skip", logEveryNSteps: 1, ...options });

    it("leaves out steps of broken batches, which change nothing, and says so", async () => {
      const module = toyModule();
      const bytes: string[] = [];
      const keep = async (): Promise<void> => void bytes.push(await parameterBytes(module));
      const lines: string[] = [];
      const logger = recordingLogger();
      const trainer = new Trainer({
        ...quiet,
        ...{ compile, onNonFinite: "skip", maxSteps: 7, logEveryNSteps: 1, loggers: [logger] },
        callbacks: [{ name: "watch", onTrainStart: keep, onTrainBatchEnd: keep }],
        print: (line) => lines.push(line),
      });
      const { step } = await trainer.fit(module, { trainLoader: brokenLoader([2, 5]) });
      module.dispose();
      const unchanged = bytes.slice(1).map((each, i) => each === bytes[i]);
      expect(unchanged).to.deep.equal(
        [2, 5].reduce((all, i) => all.with(i, true), Array(7).fill(false)),
      );
      expect(step).to.equal(7);
      const skipped = logger.rows.flatMap(({ metrics }) => metrics["train/skippedSteps"] ?? []);
      expect(skipped).to.deep.equal([0, 0, 1, 1, 1, 2, 2]);
      expect(lines.filter((line) => line.includes("changed nothing"))).to.deep.equal([
        "Step 3 has changed nothing: its loss is NaN, the norm of its gradients NaN",
        "Step 6 has changed nothing: its loss is NaN, the norm of its gradients NaN",
      ]);
    });

    it("has the bits of `stop` where everything is finite", async () => {
      const [skip, stop] = [
        await fit({ maxSteps: 6 }),
        await fit({ maxSteps: 6, onNonFinite: "stop" }),
      ];
      expect(skip.bytes).to.equal(stop.bytes);
    });

    it("leaves out steps whose loss alone is not finite", async () => {
      const { step, bytes } = await fit({
        maxSteps: 3,
        overrides: (toy) => ({
          trainingStep: (batch, context) => ({
            loss: toy.trainingStep(batch, context).loss.add(Infinity).asScalar(),
          }),
        }),
      });
      const untrained = toyModule();
      expect([step, bytes]).to.deep.equal([3, await parameterBytes(untrained)]);
      untrained.dispose();
    });

    it("leaves out windows of which one loss alone is not finite, and no other", async () => {
      // of the windows of two batches the first is broken in one of them, the second is not
      const bytesWith = async (broken: readonly number[]): Promise<string> => {
        const infinite = broken.map((i) => i + 1);
        let batches = 0;
        const { step, bytes } = await fit({
          maxSteps: 2,
          accumulateGradBatches: 2,
          overrides: (toy) => ({
            prepareBatch(batch) {
              const value = infinite.includes(++batches) ? Infinity : 0;
              return { ...batch, added: hostTensor(Float32Array.of(value), [1]) };
            },
            trainingStep({ added, ...batch }, context) {
              const { loss } = toy.trainingStep(batch, context);
              return { loss: loss.add(added!.sum()).asScalar() };
            },
          }),
        });
        expect(step).to.equal(2);
        return bytes;
      };
      const [first, second, both, none] = [
        await bytesWith([0]),
        await bytesWith([1]),
        await bytesWith([0, 1]),
        await bytesWith([]),
      ];
      expect(first).to.equal(both);
      expect(second).to.equal(both);
      expect(first).to.not.equal(none);
      const untrained = toyModule();
      expect(first).to.not.equal(await parameterBytes(untrained));
      untrained.dispose();
    });

    it("forgets the gradients of a window with a broken batch", async () => {
      const options = { maxSteps: 3, accumulateGradBatches: 2 };
      const { bytes } = await fit({ ...options, loader: brokenLoader([2]) });
      expect(bytes).to.not.match(/0000c07f/); // a NaN
      const whole = await fit({ ...options, loader: brokenLoader([3]) });
      expect(bytes).to.equal(whole.bytes); // whichever of its batches it was
    });

    describe("a loss that alone is not finite, on one of the workers,", () => {
      type Broken = TrainingModule & { readonly mean: tf.Variable };

      /** The toy with infinity added to the loss of some batches, and a mean of its losses. */
      function breaking(toy: TrainingModule, broken: readonly number[]): Broken {
        const mean = tf.tidy(() => tf.variable(tf.scalar(0), false));
        let batches = 0;
        return {
          ...toy,
          mean,
          otherState: () => new Map([["mean", mean]]),
          async prepareBatch(batch, random, stage) {
            const value = stage === "train" && broken.includes(batches++) ? Infinity : 0;
            const rows = batch["x"]!.shape[0]!;
            const added = hostTensor(new Float32Array(rows).fill(value), [rows]);
            return { ...(await toy.prepareBatch!(batch, random, stage)), added };
          },
          trainingStep({ added, ...batch }, context) {
            const loss = toy.trainingStep(batch, context).loss.add<tf.Scalar>(added!.max());
            mean.assign(mean.mul(0.5).add(loss.mul(0.5)).asScalar());
            return { loss };
          },
          teardown: () => mean.dispose(),
        };
      }

      const manually = (broken: Broken): Partial<ManualTrainingModule> => ({
        configureOptimizers: () => ({ optimizer: createOptimizer({ name: "adamW" }) }),
        manualTrainingStep: (batch, context) => ({
          loss: context.optimizers[0]!.minimize(() => broken.trainingStep(batch, context).loss),
        }),
      });

      /** @param broken batches of the last worker */
      async function fitSeveral(
        workers: number,
        broken: readonly number[],
        { isManual = false, ...options }: WorkersFit & { isManual?: boolean },
      ): Promise<{ fits: Fitted[]; unchanged: boolean[][]; means: number[] }> {
        const bytes = Array.from({ length: workers }, (): string[] => []);
        const means: number[] = [];
        const results = await together(workers, (world) => {
          const { rank } = world;
          const change: WorkersFit["change"] = (toy) => {
            const module = breaking(toy, rank === workers - 1 ? broken : []);
            const keep = async (): Promise<void> =>
              void bytes[rank]!.push(await parameterBytes(toy));
            return {
              ...module,
              ...(isManual && manually(module)),
              onTrainStart: keep,
              onTrainBatchEnd: async ({ stepFinished }) => (stepFinished ? keep() : undefined),
              onFitEnd: async () => void (means[rank] = (await module.mean.data())[0]!),
            };
          };
          const all: WorkersFit = { compile, onNonFinite: "skip", maxSteps: 4, change, ...options };
          return fitIn(world, all);
        });
        const unchanged = bytes.map((own) => own.slice(1).map((each, i) => each === own[i]));
        return { fits: fitted(results), unchanged, means };
      }

      const cases: [title: string, workers: number, options: Parameters<typeof fitSeveral>[2]][] = [
        ["of two", 2, {}],
        ["of two that divide the optimizer", 2, { strategy: { shardOptimizer: true } }],
        ["of two that step themselves", 2, { isManual: true }],
        ["of one that steps itself", 1, { isManual: true }],
      ];
      for (const [title, workers, options] of cases) {
        it(`leaves out the step of all: one ${title}`, async () => {
          const { fits, unchanged, means } = await fitSeveral(workers, [2], options);
          for (const own of unchanged) expect(own).to.deep.equal([false, false, true, false]);
          for (const { bytes, step } of fits)
            expect([bytes, step]).to.deep.equal([fits[0]!.bytes, 4]);
          expect(curve(fits[0]!, "train/skippedSteps")).to.deep.equal([0, 0, 1, 1]);
          for (const mean of means) expect(mean).to.be.within(0.001, 1000);
        });
      }

      for (const [place, batch] of [
        ["first", 2],
        ["last", 3],
      ] as const) {
        for (const workers of [1, 2]) {
          it(`leaves out a window with it in its ${place} batch, of ${workers}`, async () => {
            const options = { accumulateGradBatches: 2, maxSteps: 3, examples: 32 };
            const { fits, unchanged, means } = await fitSeveral(workers, [batch], options);
            for (const own of unchanged) expect(own).to.deep.equal([false, true, false]);
            expect(curve(fits[0]!, "train/skippedSteps")).to.deep.equal([0, 1, 1]);
            const { means: without } = await fitSeveral(workers, [2, 3], options);
            expect(means, "other state is that before the window").to.deep.equal(without);
            for (const mean of means) expect(mean).to.be.within(0.001, 1000);
          });
        }
      }

      for (const isManual of [false, true]) {
        const who = isManual ? "workers that step themselves" : "workers";
        it(`has the bits of stop where everything is finite, with ${who}`, async () => {
          const skip = await fitSeveral(2, [], { isManual });
          const stop = await fitSeveral(2, [], { isManual, onNonFinite: "stop" });
          expect(skip.fits[1]!.bytes).to.equal(stop.fits[0]!.bytes);
          expect(skip.means).to.deep.equal(stop.means);
        });
      }
    });

    it("is resumed to the same bits", async () => {
      const part = async (name: string, maxSteps: number): Promise<string> => {
        const checkpointsFolder = path.join(folder.path(name), "checkpoints");
        const module = toyModule();
        const trainer = new Trainer({
          ...quiet,
          ...{ compile, onNonFinite: "skip", maxSteps, checkpointsFolder },
          callbacks: [modelCheckpoint({ everyNTrainSteps: 4 })],
        });
        await trainer.fit(module, {
          trainLoader: brokenLoader([1, 5, 6]),
          resumeFrom: findLastCheckpoint(checkpointsFolder),
        });
        const bytes = await parameterBytes(module);
        module.dispose();
        return bytes;
      };
      const whole = await part("whole", 8);
      await part("parts", 4);
      expect(await part("parts", 8)).to.equal(whole);
    });

    it("ends when a hundred steps in a row were left out", async () => {
      const everything = Array.from({ length: 200 }, (_, i) => i);
      const loader = brokenLoader(everything, { value: Infinity });
      const error = await fit({ maxSteps: 200, loader }).catch(String);
      expect(error).to.include("Cannot go on after step 100: the last 100 steps were left out");
    });
  });
}
