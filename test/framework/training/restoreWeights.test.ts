import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { TrainingModule } from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { describeDifference, restoreWeights } from "../../../framework/training/restoreWeights.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../../support/toyTraining.ts";

describe("restoreWeights()", () => {
  const folder = temporaryFolder();

  for (const saveWeightsOnly of [false, true]) {
    it(`sets trained and other weights, saveWeightsOnly ${saveWeightsOnly}`, async () => {
      const toy = toyModule();
      const statistics = tf.tidy(() => tf.variable(tf.scalar(7), false));
      const module = { ...toy, otherState: () => new Map([["mean", statistics]]) };
      const trainer = new Trainer({
        maxSteps: 2,
        checkpointsFolder: folder.path(),
        callbacks: [modelCheckpoint({ saveWeightsOnly, filename: "it" })],
        print: () => {},
      });
      await trainer.fit(module, { trainLoader: toyLoader(2) });
      const bytes = await parameterBytes(toy);
      for (const variable of [statistics, ...toy.trainableParameters().values()]) {
        tf.tidy(() => variable.assign(tf.zerosLike(variable)));
      }
      restoreWeights(module, folder.path("it"));
      expect([await parameterBytes(toy), statistics.dataSync()[0]]).to.deep.equal([bytes, 7]);
      expect(() => restoreWeights(toy, folder.path("it"))).to.throw(InputError, "mean");
      toy.dispose();
      tf.dispose([statistics]);
    });
  }

  describe("that need not be strict", () => {
    /** The toy with weights 0, without one parameter, with another, and with one of another shape. */
    function other() {
      const toy = toyModule();
      const parameters = new Map(toy.trainableParameters());
      parameters.delete("output.bias");
      const made = {
        "hidden.bias": tf.tidy(() => tf.variable(tf.ones([5]))),
        more: tf.tidy(() => tf.variable(tf.scalar(3), false)),
      };
      parameters.set("hidden.bias", made["hidden.bias"]);
      for (const name of ["hidden.weight", "output.weight"]) {
        tf.tidy(() => parameters.get(name)!.assign(tf.zerosLike(parameters.get(name)!)));
      }
      const module: TrainingModule = {
        ...toy,
        trainableParameters: () => parameters,
        otherState: () => new Map([["more", made.more]]),
      };
      return { module, made, dispose: () => (toy.dispose(), tf.dispose(Object.values(made))) };
    }
    const difference =
      "not in it: more; only in it: output.bias; of another shape in it: hidden.bias";

    async function saved(): Promise<{ toy: ReturnType<typeof toyModule>; checkpoint: string }> {
      const toy = toyModule();
      const options = { maxSteps: 1, checkpointsFolder: folder.path(), print: () => {} };
      const callbacks = [modelCheckpoint({ filename: "it" })];
      await new Trainer({ ...options, callbacks }).fit(toy, { trainLoader: toyLoader(2) });
      return { toy, checkpoint: folder.path("it") };
    }

    it("loads what fits and lists the rest", async () => {
      const { toy, checkpoint } = await saved();
      const { module, made, dispose } = other();
      expect(() => restoreWeights(module, checkpoint)).to.throw(InputError, "must have shape [5]");
      const found = restoreWeights(module, checkpoint, { strict: false });
      expect(found).to.deep.equal({
        missing: ["more"],
        unexpected: ["output.bias"],
        otherShape: ["hidden.bias"],
      });
      expect(describeDifference(found)).to.equal(difference);
      for (const name of ["hidden.weight", "output.weight"]) {
        const [loaded, trained] = [module, toy].map((each) =>
          each.trainableParameters().get(name)!.dataSync(),
        );
        expect(loaded).to.deep.equal(trained);
      }
      expect([...made["hidden.bias"].dataSync(), made.more.dataSync()[0]]).to.deep.equal([
        1, 1, 1, 1, 1, 3,
      ]);
      const same = restoreWeights(toy, checkpoint, { strict: false });
      expect(describeDifference(same)).to.equal(undefined);
      dispose();
      toy.dispose();
    });

    it("lets a Trainer evaluate, and say what differs", async () => {
      const { toy, checkpoint } = await saved();
      const { module, dispose } = other();
      const lines: string[] = [];
      const trainer = new Trainer({ maxSteps: 1, print: (line) => void lines.push(line) });
      const evaluated = { ...module, validationStep: () => ({ one: tf.scalar(1) }) };
      await trainer.validate(evaluated, toyLoader(1), { checkpoint, strict: false });
      expect(lines).to.deep.equal([`Weights of ${checkpoint}: ${difference}`]);
      dispose();
      toy.dispose();
    });
  });
});
