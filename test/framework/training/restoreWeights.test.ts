import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { restoreWeights } from "../../../framework/training/restoreWeights.ts";
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
});
