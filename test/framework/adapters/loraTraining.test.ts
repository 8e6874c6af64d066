import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { addLora } from "../../../framework/adapters/lora.ts";
import { linear } from "../../../framework/nn/layers.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { quiet } from "../../support/fitToy.ts";
import { toyLoader } from "../../support/toyTraining.ts";

describe("a Trainer", () => {
  it("trains LoRA alone, beside a frozen model", async () => {
    const scope = new ParameterScope({ seed: 2 });
    const proj = linear(scope.at("proj"), 3, 1);
    const lora = addLora(
      { unet: { parameters: scope.parameters } },
      { rank: 1, seed: 1, targets: ["proj"] },
    );
    const frozen = [...scope.parameters.values()].map((variable) => variable.dataSync());
    const optimizer = adamW({ learningRate: 0.05 });
    const losses: number[] = [];
    const trainer = new Trainer({ ...quiet, maxSteps: 60 });
    await trainer.fit(
      {
        trainableParameters: () => lora.parameters,
        configureOptimizers: () => ({ optimizer }),
        trainingStep: ({ x, y }) => ({ loss: proj(x!).sub(y!).square().mean<tf.Scalar>() }),
        onTrainBatchEnd: ({ loss }: { loss: number }) => void losses.push(loss),
      },
      { trainLoader: toyLoader(60, 8) },
    );
    expect(losses.at(-1)).to.be.below(losses[0]! / 3);
    expect([...scope.parameters.values()].map((variable) => variable.dataSync())).to.deep.equal(
      frozen,
    );
    lora.dispose();
    tf.dispose([...scope.parameters.values()]);
  });
});
