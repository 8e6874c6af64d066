import { expect } from "chai";
import { describe, it } from "mocha";
import { isDueEvery, readEvery, type Callback } from "seedbed";

import { Trainer } from "../../../framework/training/trainer.ts";
import { at, quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../../support/toyTraining.ts";

/** Writes down at which steps an interval is due, at two moments of each step. */
function asking(every: number | string): Callback & { due: number[]; dueWhenDone: number[] } {
  const interval = readEvery(every);
  const [due, dueWhenDone]: [number[], number[]] = [[], []];
  return {
    name: "asking",
    due,
    dueWhenDone,
    onTrainBatchEnd(state) {
      if (state.stepFinished && isDueEvery(interval, state)) due.push(state.step);
    },
    wantsCheckpoint(state) {
      if (isDueEvery(interval, state)) dueWhenDone.push(state.step);
      return state.step === 5;
    },
  };
}

describe("isDueEvery()", () => {
  const folder = temporaryFolder();
  const table: [every: number | string, steps: number[]][] = [
    [3, [3, 6, 9]],
    ["3 steps", [3, 6, 9]],
    ["6 batches", [3, 6, 9]],
    ["14 samples", [4, 7]],
    ["1 epoch", [4, 8]],
    ["35 %", [4, 8]],
    ["50 s", [3, 5, 8, 10]],
  ];
  for (const [every, steps] of table) {
    it(`is so at steps ${steps.join(", ")} of 10 for ${every}, also after a resume`, async () => {
      const callback = asking(every);
      const module = toyModule();
      let ms = 0;
      const fit = async (resumeFrom?: string): Promise<unknown> => {
        const trainer = new Trainer({
          ...quiet,
          maxSteps: 10,
          accumulateGradBatches: 2,
          checkpointsFolder: folder.path(),
          callbacks: [
            at("onTrainBatchStart", () => void (ms += 10_000)),
            at("onTrainBatchStart", ({ step, resumedFrom }) => {
              if (step === 5 && resumedFrom === undefined) throw new Error("killed");
            }),
            callback,
          ],
          now: () => ms,
        });
        return trainer.fit(module, { trainLoader: toyLoader(8), resumeFrom });
      };
      expect(await fit().catch(String)).to.include("killed");
      await fit(folder.path("step-0000005"));
      module.dispose();
      expect(callback.due).to.deep.equal(steps);
      expect(callback.dueWhenDone).to.deep.equal(steps);
    });
  }
});
