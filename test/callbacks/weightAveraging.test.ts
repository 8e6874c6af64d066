import { expect } from "chai";
import { Trainer, type Callback, type TrainerState } from "seedbed";

import { weightAveraging, type WeightAveragingOptions } from "../../callbacks/weightAveraging.ts";
import { countingModule } from "../support/countingModule.ts";
import { toyLoader } from "../support/toyTraining.ts";

/** Fits `steps` steps with a validation after each, and gives the validated and final weights. */
async function average(
  options: Partial<WeightAveragingOptions>,
  steps: number,
  extra: Callback[] = [],
  stepsPerEpoch = steps,
): Promise<{ validated: number[]; final: number }> {
  const module = countingModule();
  const validated: number[] = [];
  const recorder: Callback = {
    name: "recorder",
    onValidationEnd(state) {
      if (state.stage === "validate") validated.push(state.metrics["val/weight"]!);
    },
  };
  const trainer = new Trainer({
    maxSteps: steps,
    valCheckInterval: 1,
    callbacks: [weightAveraging(options), recorder, ...extra],
    print: () => {},
  });
  try {
    await trainer.fit(module, {
      trainLoader: toyLoader(stepsPerEpoch),
      valLoader: toyLoader(1),
    });
    return { validated, final: module.weight.dataSync()[0]! };
  } finally {
    module.weight.dispose();
  }
}

describe("weightAveraging()", () => {
  it("validates with the average and leaves it in the model", async () => {
    // 0 -> 0.5 * 0 + 0.5 * 1 -> 0.5 * 0.5 + 0.5 * 2 -> 0.5 * 1.25 + 0.5 * 3
    const { validated, final } = await average({ decay: 0.5 }, 3);
    expect([validated, final]).to.deep.equal([[0.5, 1.25, 2.125], 2.125]);
  });

  it("can leave the trained weights", async () => {
    expect(await average({ decay: 0.5, replaceAtEnd: false }, 3)).to.include({ final: 3 });
  });

  it("starts from the weights of its first step", async () => {
    const { validated } = await average({ decay: 0.5, startStep: 2 }, 4);
    expect(validated).to.deep.equal([1, 2, 2.5, 3.25]);
  });

  it("or from those that an epoch starts with", async () => {
    const { validated } = await average({ decay: 0.5, startEpoch: 1 }, 5, [], 3);
    expect(validated).to.deep.equal([1, 2, 3, 3.5, 4.25]);
    expect(() => weightAveraging({ startStep: 1, startEpoch: 1 })).to.throw("got both");
  });

  it("updates every n steps", async () => {
    const { validated } = await average({ decay: 0.5, updateEveryNSteps: 2 }, 4);
    expect(validated).to.deep.equal([0, 1, 1, 2.5]);
  });

  it("keeps less at first when it warms up", async () => {
    const { validated } = await average({ decay: 0.9, warmup: true }, 2);
    const first = 0.9; // keeps 1 / 10 of 0
    expect(validated[0]).to.be.closeTo(first, 1e-6);
    expect(validated[1]).to.be.closeTo((2 / 11) * first + (9 / 11) * 2, 1e-6);
  });

  it("lends the average to exports", async () => {
    const seen: number[] = [];
    const read = ({ module }: TrainerState): number =>
      module.trainableParameters().get("w")!.dataSync()[0]!;
    const exporting: Callback = {
      name: "exporting",
      async onTrainBatchEnd(state) {
        seen.push(read(state));
        await state.withExportWeights(async () => void seen.push(read(state)));
        seen.push(read(state));
      },
    };
    await average({ decay: 0.5 }, 1, [exporting]);
    expect(seen).to.deep.equal([1, 0.5, 1]);
  });

  it("holds memory of its own, so that a step may update weights in place", async () => {
    const averaging = weightAveraging({ decay: 0.5 });
    const shared: boolean[] = [];
    const looking: Callback = {
      name: "looking",
      onTrainBatchStart({ module }) {
        const average = averaging.stateVariables?.().get("w");
        shared.push(average?.dataId === module.trainableParameters().get("w")!.dataId);
      },
    };
    const module = countingModule();
    const callbacks = [averaging, looking];
    const trainer = new Trainer({ maxSteps: 2, callbacks, print: () => {} });
    await trainer.fit(module, { trainLoader: toyLoader(2), valLoader: toyLoader(1) });
    module.weight.dispose();
    expect(shared).to.deep.equal([false, false]);
  });

  it("gives the trained weights back when validation fails", async () => {
    let weight = NaN;
    const failing: Callback = {
      name: "failing",
      onValidationBatchEnd(state) {
        if (state.step === 2) throw new Error("on purpose");
      },
      onException({ module }) {
        weight = module.trainableParameters().get("w")!.dataSync()[0]!;
      },
    };
    const error = await average({ decay: 0.5 }, 3, [failing]).catch(String);
    expect(error).to.include("on purpose");
    expect(weight).to.equal(2);
  });
});
