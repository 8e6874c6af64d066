import { expect } from "chai";
import { describe, it } from "mocha";
import type { Callback } from "seedbed";

import { modelCheckpoint } from "../../../../callbacks/modelCheckpoint.ts";
import { freezeAfter } from "../../../../experiments/dreambooth/trains/freezeAfter.ts";
import { findLastCheckpoint } from "../../../../framework/training/checkpointFolder.ts";
import { Trainer, type TrainerOptions } from "../../../../framework/training/trainer.ts";
import { quiet } from "../../../support/fitToy.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import {
  parameterBytes,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../../support/toyTraining.ts";

describe("freezeAfter()", () => {
  const folder = temporaryFolder();

  /** Values of the hidden layer and its moments, and of the output layer, after each step. */
  async function fit(
    until: number | string,
    { resumeFrom, ...options }: TrainerOptions & { resumeFrom?: string | undefined } = {},
  ): Promise<{ hidden: string[]; output: string[]; bytes: string }> {
    const module = toyModule({ noise: 0.3 });
    const hidden: string[] = [];
    const output: string[] = [];
    const recorder: Callback = {
      name: "recorder",
      onTrainBatchEnd({ stepFinished, optimizers }) {
        if (!stepFinished) return;
        const all = [...module.trainableParameters(), ...optimizers[0]!.optimizer.state()];
        const values = (part: string): string =>
          all.flatMap(([name, value]) => (name.includes(part) ? [value.dataSync()] : [])).join();
        hidden.push(values("hidden."));
        output.push(values("output."));
      },
    };
    const { callbacks = [], ...others } = options;
    const trainer = new Trainer({
      ...quiet,
      maxEpochs: 2,
      accumulateGradBatches: 2,
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [freezeAfter("encoder", "hidden.", until), recorder, ...callbacks],
      ...others,
    });
    try {
      await trainer.fit(module, { trainLoader: toyLoader(5), resumeFrom }); // 3 steps an epoch
      return { hidden, output, bytes: await parameterBytes(module) };
    } finally {
      module.dispose();
    }
  }

  const intervals: [until: number | string, steps: number][] = [
    [2, 2],
    ["4 steps", 4],
    ["1 epoch", 3],
    ["50 %", 3],
  ];
  for (const [until, steps] of intervals) {
    it(`keeps the bits of weights and moments after ${until}`, async () => {
      const { hidden, output } = await fit(until);
      expect(new Set(hidden).size).to.equal(steps);
      expect(new Set(hidden.slice(steps - 1)).size).to.equal(1);
      expect(new Set(output).size).to.equal(6);
    });
  }

  it("changes nothing before", async () => {
    const [some, all] = [await fit(2), await fit(100)];
    expect(some.hidden.slice(0, 2)).to.deep.equal(all.hidden.slice(0, 2));
    expect(some.output.slice(0, 2)).to.deep.equal(all.output.slice(0, 2));
  });

  it("says when, and logs whether the part is trained", async () => {
    const logger = recordingLogger();
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    await fit(2, { loggers: [logger], logEveryNSteps: 1, maxSteps: 4, print });
    expect(lines).to.include("encoder is frozen from step 2 on: 2 parameters");
    const logged = logger.rows.map(({ metrics }) => metrics["train/encoderTrains"]);
    expect(logged).to.deep.equal([1, 1, 0, 0]);
  });

  it("ends at the same bits when it is resumed before, at and after that step", async () => {
    const whole = await fit(3);
    for (const maxSteps of [2, 3, 4]) {
      folder.clear();
      await fit(3, { maxSteps, callbacks: [modelCheckpoint()] });
      const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
      expect((await fit(3, { resumeFrom })).bytes, `${maxSteps}`).to.equal(whole.bytes);
    }
  });
});
