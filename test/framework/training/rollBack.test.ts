import { readdirSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import {
  createOptimizer,
  findLastCheckpoint,
  Trainer,
  type Callback,
  type DataLoader,
  type FitResult,
  type TrainerOptions,
} from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { spikeDetection } from "../../../callbacks/spikeDetection.ts";
import { weightAveraging } from "../../../callbacks/weightAveraging.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { brokenLoader } from "../../support/brokenLoader.ts";
import { fitTogether, fitted, messages } from "../../support/fitTogether.ts";
import { at, quiet, type ToyFit } from "../../support/fitToy.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  parameterBytes,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";

const length = 100;

/** The toy's batches without some, each at the place that is left to it. */
function without(from: number, to: number): DataLoader {
  const whole = toyLoader(length);
  return {
    length,
    batch: (epoch, index) => whole.batch(epoch, index < from ? index : index + to - from),
  };
}

const every = (steps: number): Callback => modelCheckpoint({ everyNTrainSteps: steps });

interface RollBackFit extends ToyFit {
  name?: string;
}

interface Ended extends FitResult {
  bytes: string;
  rows: Readonly<Record<string, number>>[];
  lines: string[];
}

for (const backend of ["cpu", "ort"] as const) {
  describe(`trainer.onNonFinite: rollBack, on ${backend}`, () => {
    if (backend === "ort") onOrt();
    const folder = temporaryFolder();
    let compile: Compile = runEagerly;
    before(async () => {
      if (backend === "ort") ({ compile } = await useBackend("ort", { threads: 2 }));
    });

    /** Fits the toy, from the last checkpoint of that name if there is one. */
    async function fit({
      name = "run",
      loader = toyLoader(length),
      overrides = {},
      module: toy,
      ...options
    }: RollBackFit): Promise<Ended> {
      const module = toyModule(toy);
      const checkpointsFolder = path.join(folder.path(name), "checkpoints");
      const lines: string[] = [];
      const logger = recordingLogger();
      const settings: TrainerOptions = {
        ...quiet,
        ...{ compile, checkpointsFolder, onNonFinite: "rollBack", logEveryNSteps: 1 },
        callbacks: [every(4)],
        loggers: [logger],
        print: (line) => lines.push(line),
        ...options,
      };
      try {
        const own = typeof overrides === "function" ? overrides(module) : overrides;
        const resumeFrom = findLastCheckpoint(checkpointsFolder, () => {});
        const result = await new Trainer(settings).fit(
          { ...module, ...own },
          { trainLoader: loader, resumeFrom },
        );
        const rows = logger.rows.map(({ metrics }) => metrics);
        return { ...result, bytes: await parameterBytes(module), rows, lines };
      } finally {
        module.dispose();
      }
    }
    const names = (name = "run"): string[] =>
      readdirSync(path.join(folder.path(name), "checkpoints")).toSorted();

    it("trains as if the batches since the last checkpoint had not been there", async () => {
      const { bytes, step, rows, lines } = await fit({
        loader: brokenLoader([5], { length }),
        maxSteps: 9,
      });
      const plain = await fit({ name: "plain", loader: without(4, 6), maxSteps: 7 });
      expect(bytes).to.equal(plain.bytes);
      expect(step).to.equal(9);
      expect(rows.map((row) => row["train/rollBacks"])).to.deep.equal([0, 0, 0, 0, 0, 1, 1, 1, 1]);
      expect(rows[5]!["train/loss"]).to.deep.equal(NaN);
      expect(rows.slice(6).map((row) => row["train/loss"])).to.deep.equal(
        plain.rows.slice(4).map((row) => row["train/loss"]),
      );
      expect(lines.filter((line) => line.includes("go back"))).to.have.length(1);
      expect(lines.join("\n")).to.match(
        /^Step 6: expected a finite loss, got NaN; weights, moments and callbacks go back to \S+step-0000004, .*: roll back 1 of at most 3 in a row$/m,
      );
    });

    it("goes back to what the fit began with before the first checkpoint, and removes that later", async () => {
      const { bytes } = await fit({ loader: brokenLoader([2], { length }), maxSteps: 3 });
      const untrained = toyModule();
      expect(bytes).to.equal(await parameterBytes(untrained));
      untrained.dispose();
      expect(names()).to.include("step-0000003");
      expect(names()).to.not.include("step-0000000-start");
    });

    it("has the bits of `stop` where everything is finite", async () => {
      const options = { maxSteps: 6, module: { noise: 0.1 } };
      const [back, stop] = [
        await fit(options),
        await fit({ ...options, name: "stop", onNonFinite: "stop" }),
      ];
      expect(back.bytes).to.equal(stop.bytes);
      expect(names()).to.deep.equal(names("stop"));
    });

    it("goes back for weights that a finite loss has spoilt", async () => {
      const spoilt = await fit({
        maxSteps: 9,
        overrides: (toy) => ({
          async onTrainBatchEnd({ step }) {
            if (step !== 5) return;
            for (const each of toy.trainableParameters().values()) {
              tf.tidy(() => each.assign(tf.fill(each.shape, NaN)));
            }
          },
        }),
      });
      const plain = await fit({ name: "plain", loader: without(4, 6), maxSteps: 7 });
      expect(spoilt.bytes).to.equal(plain.bytes);
    });

    it("passes over a checkpoint whose numbers are not finite", async () => {
      const { bytes, lines } = await fit({
        maxSteps: 8,
        callbacks: [modelCheckpoint({ everyNTrainSteps: 2, monitor: "epoch", saveTopK: -1 })],
        overrides: (toy) => ({
          onTrainBatchEnd({ step }) {
            const bias = toy.trainableParameters().get("output.bias")!;
            if (step === 4) tf.tidy(() => bias.assign(tf.fill(bias.shape, Infinity)));
          },
        }),
      });
      const plain = await fit({ name: "plain", loader: without(2, 5), maxSteps: 5 });
      expect(bytes).to.equal(plain.bytes);
      expect(lines.join("\n")).to.match(
        /Cannot go back to \S+step-0000004: expected finite numbers, got others in "output.bias"; trying an older one/,
      );
    });

    it("takes averages, other state and what callbacks remember back with the weights", async () => {
      const counter = tf.tidy(() => tf.variable(tf.scalar(0), false));
      const options: RollBackFit = {
        maxSteps: 9,
        callbacks: [weightAveraging({ decay: 0.5 }), spikeDetection(), every(4)],
        overrides: (toy) => ({
          otherState: () => new Map([["counter", counter]]),
          trainingStep(batch, context) {
            counter.assign(counter.add(1));
            return toy.trainingStep(batch, context);
          },
        }),
      };
      const broken = await fit({ ...options, loader: brokenLoader([5], { length }) });
      const counted = counter.dataSync()[0];
      tf.tidy(() => counter.assign(tf.scalar(0)));
      const plain = await fit({ ...options, name: "plain", loader: without(4, 6), maxSteps: 7 });
      // What follows the step that went back averages the weights once more.
      expect(counted).to.equal(counter.dataSync()[0]).and.to.equal(7);
      expect(broken.lines.join("\n")).to.include("roll back 1");
      expect(broken.bytes).to.not.match(/0000c07f/); // a NaN
      expect(plain.step).to.equal(7);
      counter.dispose();
    });

    it("goes back for a whole window of accumulated gradients", async () => {
      const options: RollBackFit = { accumulateGradBatches: 2, callbacks: [every(2)] };
      const broken = await fit({ ...options, loader: brokenLoader([6], { length }), maxSteps: 6 });
      const plain = await fit({ ...options, name: "plain", loader: without(4, 8), maxSteps: 4 });
      expect(broken.bytes).to.equal(plain.bytes);
    });

    it("goes back for gradients alone, of a manual step that counts as two", async () => {
      const options: RollBackFit = {
        callbacks: [every(8)],
        overrides: (toy) => ({
          configureOptimizers: () => {
            const all = [...toy.trainableParameters()];
            return [all.slice(0, 2), all.slice(2)].map((own, i) => ({
              name: `optimizer${i}`,
              optimizer: createOptimizer({ name: "adam", learningRate: 0.1 }),
              parameters: new Map(own),
            }));
          },
          manualTrainingStep(batch, context) {
            const bias = toy.trainableParameters().get("output.bias")!;
            const known = { ...batch, x: batch["y"]!.tile([1, 3]) };
            const loss = (): tf.Scalar => {
              const broken = batch["x"]!.sum().mul(bias.sum()).mul(0); // 0, or NaN
              return toy.trainingStep(known, context).loss.add<tf.Scalar>(broken);
            };
            const losses = context.optimizers.map((each) => each.minimize(loss));
            return { loss: tf.zerosLike(losses[0]!) };
          },
        }),
      };
      const broken = await fit({ ...options, loader: brokenLoader([5], { length }), maxSteps: 18 });
      const plain = await fit({ ...options, name: "plain", loader: without(4, 6), maxSteps: 14 });
      expect(broken.metrics["train/rollBacks"]).to.equal(1);
      expect(broken.bytes).to.equal(plain.bytes);
    });

    it("is resumed to the same bits, killed before or after it has gone back", async () => {
      const options: RollBackFit = {
        loader: brokenLoader([5, 10], { length: 4 }),
        maxSteps: 14,
        module: { noise: 0.3 },
        callbacks: [weightAveraging({ decay: 0.9 }), every(4)],
      };
      const whole = await fit(options);
      for (const killedAt of [5, 7, 9]) {
        const name = `killed-at-${killedAt}`;
        const kill = at("onTrainBatchEnd", ({ step }) => {
          if (step === killedAt) throw new Error("killed");
        });
        const callbacks = [kill, ...options.callbacks!];
        await fit({ ...options, name, callbacks }).catch(() => undefined);
        const resumed = await fit({ ...options, name });
        expect(resumed.bytes, name).to.equal(whole.bytes);
        expect(resumed.rows.at(-1), name).to.deep.equal(whole.rows.at(-1));
      }
    });

    it("is resumed to the same bits from what an interruption has saved", async () => {
      const options: RollBackFit = {
        loader: brokenLoader([2, 7], { length: 4 }),
        maxSteps: 12,
        module: { noise: 0.3 },
        callbacks: [every(5)],
      };
      const whole = await fit(options);
      expect(whole.metrics["train/rollBacks"]).to.equal(2);
      for (const stoppedAt of [1, 4, 6]) {
        const name = `stopped-at-${stoppedAt}`;
        const controller = new AbortController();
        const stop = at("onTrainBatchEnd", ({ step }) => {
          if (step === stoppedAt) controller.abort();
        });
        const { signal } = controller;
        const callbacks = [stop, ...options.callbacks!];
        const error = await fit({ ...options, name, callbacks, signal }).catch(String);
        expect(error).to.include("Interrupted");
        const resumed = await fit({ ...options, name });
        expect(resumed.bytes, name).to.equal(whole.bytes);
        expect(names(name), name).to.deep.equal(names());
      }
    });

    it("ends after several roll backs in a row, and counts anew when training got beyond", async () => {
      const loader = brokenLoader([5, 6, 7], { length });
      const error = await fit({ loader, maxSteps: 20, maxRollBacks: 2 }).catch(String);
      expect(error).to.equal(
        "RangeError: Cannot go on after step 8: expected a finite loss, got NaN, after 2 roll backs in a row (trainer.maxRollBacks); lower the learning rate, clip gradients, or look at the data",
      );
      const apart = await fit({
        name: "apart",
        loader: brokenLoader([1, 5, 9, 13], { length }),
        maxSteps: 16,
        maxRollBacks: 1,
      });
      expect(apart.metrics["train/rollBacks"]).to.equal(4);
      const always = Array.from({ length }, (_, i) => i).filter((i) => i % 4 === 3);
      const stuck = brokenLoader(always, { length }); // each checkpoint is one that was gone back to
      const ended = await fit({ name: "stuck", loader: stuck, maxSteps: 40 }).catch(String);
      expect(ended).to.include("Cannot go on after step 16");
    });

    it("needs a folder for checkpoints", async () => {
      const error = await fit({ checkpointsFolder: undefined, callbacks: [] }).catch(String);
      expect(error).to.include(
        "onNonFinite rollBack goes back to checkpoints, expected a checkpointsFolder, got none",
      );
      const tried = await fit({ fastDevRun: 2, checkpointsFolder: undefined, callbacks: [] });
      expect(tried.step).to.equal(2);
    });

    if (backend === "ort") {
      it("tells an overflow of float16 from a loss that is not finite", async () => {
        const options: RollBackFit = {
          precision: "16-mixed",
          lossScale: { initialScale: 2 ** 24 },
        };
        const { rows } = await fit({
          ...options,
          loader: brokenLoader([16], { length }),
          maxSteps: 20,
        });
        const column = (name: string): number[] => rows.flatMap((row) => row[name] ?? []);
        expect(column("train/skippedSteps")[15]).to.be.greaterThan(2);
        expect(column("train/rollBacks")).to.deep.equal([
          ...Array(16).fill(0),
          ...Array(4).fill(1),
        ]);
        expect(column("train/lossScale")[16]).to.equal(column("train/lossScale")[15]);
      });
    }
  });
}

describe("trainer.onNonFinite: rollBack, with several workers", () => {
  const folder = temporaryFolder();

  it("goes back on all of them when one's loss is not finite", async () => {
    let steps = 0;
    const together = async (
      name: string,
      broken: number,
      strategy: TrainerOptions["strategy"] = "mpi",
    ): ReturnType<typeof fitTogether> => {
      steps = 0;
      return fitTogether(
        {
          maxSteps: 8,
          checkpointsFolder: folder.path(name),
          onNonFinite: "rollBack",
          strategy,
        },
        (rank) => ({
          callbacks: [every(3)],
          change: (toy) => ({
            trainingStep(batch, context) {
              const outputs = toy.trainingStep(batch, context);
              if (rank === 0 || ++steps !== broken) return outputs;
              return { ...outputs, loss: outputs.loss.mul<tf.Scalar>(NaN) };
            },
          }),
        }),
      );
    };
    const results = await together("broken", 5);
    expect(messages(results)).to.deep.equal(["no error", "no error"]);
    const [first, second] = fitted(results);
    expect(second!.bytes).to.equal(first!.bytes);
    expect(first!.rows.map((row) => row["train/rollBacks"])).to.deep.equal([
      0, 0, 0, 0, 1, 1, 1, 1,
    ]);
    expect(first!.bytes).to.not.match(/0000c07f/);
    const [divided] = fitted(await together("divided", 5, { shardOptimizer: true }));
    expect(divided!.bytes).to.equal(first!.bytes);
    const [whole] = fitted(await together("whole", 0));
    expect(whole!.bytes).to.not.equal(first!.bytes);
  });
});
