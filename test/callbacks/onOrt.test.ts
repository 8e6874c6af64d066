import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { findLastCheckpoint, Trainer, type Callback } from "seedbed";

import { earlyBest } from "../../callbacks/earlyBest.ts";
import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { pruning } from "../../callbacks/pruning.ts";
import { stochasticWeightAveraging } from "../../callbacks/stochasticWeightAveraging.ts";
import { weightAveraging } from "../../callbacks/weightAveraging.ts";
import { useBackend } from "../../framework/backend/register.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

describe("callbacks that change weights, on the compiling backend", () => {
  const folder = temporaryFolder();
  after(async () => {
    await tf.setBackend("cpu");
  });

  const table: [title: string, create: () => Callback[]][] = [
    ["pruning()", () => [pruning({ amount: 0.5, startStep: 2, endStep: 8, everyNSteps: 2 })]],
    [
      "stochasticWeightAveraging()",
      () => [stochasticWeightAveraging({ swaLrs: 0.5, swaEpochStart: 2, annealingEpochs: 2 })],
    ],
    [
      "earlyBest() of averaged weights",
      () => [weightAveraging({ decay: 0.8 }), earlyBest({ monitor: "val/loss" })],
    ],
  ];
  for (const [title, create] of table) {
    it(`${title} gives what it gives in plain TF.js, also when resumed`, async () => {
      async function fit(backend: "cpu" | "ort", into: string, ...ends: number[]) {
        const { compile } = await useBackend(backend, { threads: 2 });
        const module = toyModule();
        const checkpointsFolder = folder.path(into);
        for (const maxSteps of ends) {
          const callbacks = [...create(), modelCheckpoint()];
          const options = { compile, accumulateGradBatches: 2, checkpointsFolder, callbacks };
          const trainer = new Trainer({ maxSteps, ...options, print: () => {} });
          const data = { trainLoader: toyLoader(4), valLoader: toyLoader(2) };
          await trainer.fit(module, { ...data, resumeFrom: findLastCheckpoint(checkpointsFolder) });
        }
        const values: number[] = [];
        for (const each of module.trainableParameters().values())
          values.push(...(await each.data()));
        module.dispose();
        return values;
      }
      const plain = await fit("cpu", "plain", 12);
      const compiled = await fit("ort", "compiled", 12);
      expect(await fit("ort", "resumed", 7, 12)).to.deep.equal(compiled);
      for (const [i, value] of compiled.entries()) expect(value).to.be.closeTo(plain[i]!, 1e-4);
    });
  }
});
