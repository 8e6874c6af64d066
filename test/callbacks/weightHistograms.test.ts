import { expect } from "chai";
import { Trainer, type Callback } from "seedbed";

import { weightHistograms } from "../../callbacks/weightHistograms.ts";
import { fitToy } from "../support/fitToy.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

describe("weightHistograms()", () => {
  it("logs every parameter every n optimizer steps", async () => {
    const logger = recordingLogger();
    const module = toyModule();
    const biases: Float32Array[] = [];
    const reading: Callback = {
      name: "reading",
      onTrainBatchEnd({ stepFinished }) {
        const bias = module.trainableParameters().get("hidden.bias")!;
        if (stepFinished) biases.push(Float32Array.from(bias.dataSync()));
      },
    };
    const trainer = new Trainer({
      maxSteps: 5,
      accumulateGradBatches: 2,
      loggers: [logger],
      callbacks: [reading, weightHistograms({ everyNSteps: 2 })],
      print: () => {},
    });
    await trainer.fit(module, { trainLoader: toyLoader(4) });
    module.dispose();
    const names = ["hidden.weight", "hidden.bias", "output.weight", "output.bias"];
    expect(logger.histograms.map(({ step, key }) => [step, key])).to.deep.equal(
      [2, 4].flatMap((step) => names.map((name) => [step, `weights/${name}`])),
    );
    expect(logger.histograms[1]!.histogram).to.deep.equal({ values: biases[1] });
    expect(logger.histograms[5]!.histogram).to.deep.equal({ values: biases[3] });
  });

  it("logs them at an interval", async () => {
    const logger = recordingLogger();
    const callbacks = [weightHistograms({ everyNSteps: "1 epoch" })];
    await fitToy({ maxSteps: 9, loggers: [logger], callbacks });
    expect([...new Set(logger.histograms.map(({ step }) => step))]).to.deep.equal([4, 8]);
  });
});
