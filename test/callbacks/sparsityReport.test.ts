import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { Trainer, type Callback } from "seedbed";

import { sparsityReport } from "../../callbacks/sparsityReport.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

describe("sparsityReport()", () => {
  it("logs the share of zeros after validations, and prints it at the end", async () => {
    const logger = recordingLogger();
    const lines: string[] = [];
    const module = toyModule();
    const prune: Callback = {
      name: "prune",
      onTrainBatchEnd() {
        const { "hidden.weight": hidden, "output.weight": output } = Object.fromEntries(
          module.trainableParameters(),
        );
        tf.tidy(() => {
          hidden!.assign(hidden!.mul(tf.tensor([[1], [0], [-0]])));
          output!.assign(output!.zerosLike());
        });
      },
    };
    const trainer = new Trainer({
      maxSteps: 2,
      logEveryNSteps: 0,
      loggers: [logger],
      callbacks: [prune, sparsityReport()],
      print: (line) => lines.push(line),
    });
    await trainer.fit(module, { trainLoader: toyLoader(2), valLoader: toyLoader(1) });
    module.dispose();
    // 8 of the 12 weights and 4 biases of the first layer, 4 of the 4 weights and 1 bias of the other
    const shares = { "sparsity/hidden": 8 / 16, "sparsity/output": 4 / 5, sparsity: 12 / 21 };
    expect(logger.rows.map(({ step }) => step)).to.deep.equal([2, 2]);
    expect(logger.rows[1]!.metrics).to.deep.equal(shares);
    expect(lines).to.deep.equal([
      "layer   zeros  weights  sparsity",
      "hidden      8       16   50.00 %",
      "output      4        5   80.00 %",
      "total      12       21   57.14 %",
    ]);
  });
});
