import { expect } from "chai";

import { weightAveraging } from "../../../callbacks/weightAveraging.ts";
import { listCheckpoints } from "../../../framework/training/checkpointFolder.ts";
import { restoreWeights } from "../../../framework/training/restoreWeights.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { at, fitToy, quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../../support/toyTraining.ts";

describe("Trainer.saveWeights()", () => {
  const folder = temporaryFolder();

  it("saves what the module has, averaged weights included, for evaluations and other programs", async () => {
    const module = toyModule();
    const trainer = new Trainer({ ...quiet, maxSteps: 3, callbacks: [weightAveraging()] });
    await trainer.fit(module, { trainLoader: toyLoader(3) });
    await trainer.saveWeights(folder.path("weights"));
    const other = toyModule();
    const difference = restoreWeights(other, folder.path("weights"));
    expect(difference).to.deep.equal({ missing: [], unexpected: [], otherShape: [] });
    expect(await parameterBytes(other)).to.equal(await parameterBytes(module));
    const [metrics] = await trainer.validate(other, toyLoader(1), {
      checkpoint: folder.path("weights"),
    });
    expect(metrics).to.have.keys("val/loss");
    module.dispose();
    other.dispose();
  });

  it("needs a fit before it", async () => {
    const error = await new Trainer(quiet).saveWeights(folder.path("weights")).catch(String);
    expect(error).to.include("expected a fit before, got none");
  });

  it("gives no checkpoint to resume from", async () => {
    const module = toyModule();
    const trainer = new Trainer({ ...quiet, maxSteps: 1 });
    await trainer.fit(module, { trainLoader: toyLoader(3) });
    await trainer.saveWeights(folder.path("weights"));
    const data = { trainLoader: toyLoader(3), resumeFrom: folder.path("weights") };
    expect(await trainer.fit(module, data).catch(String)).to.include("Cannot resume from");
    module.dispose();
  });
});

describe("TrainerState.saveCheckpoint()", () => {
  const folder = temporaryFolder();
  const fit = (hook: "onTrainStart" | "onTrainBatchEnd" | "onTrainEnd" | "onFitEnd") => {
    const asking = at(hook, (state) => state.saveCheckpoint());
    return fitToy({ maxSteps: 2, checkpointsFolder: folder.path(), callbacks: [asking] });
  };

  for (const [hook, saved] of [
    ["onTrainStart", ["step-0000001"]],
    ["onTrainBatchEnd", ["step-0000002", "step-0000001"]],
    ["onTrainEnd", ["step-0000002"]],
  ] as const) {
    it(`asked in ${hook} saves ${saved.join(" and ")}`, async () => {
      await fit(hook);
      expect(listCheckpoints(folder.path())).to.deep.equal(saved);
    });
  }

  it("is refused in onFitEnd, where weights may have been replaced", async () => {
    expect(await fit("onFitEnd").catch(String)).to.include("ask in onTrainEnd or before");
  });
});
