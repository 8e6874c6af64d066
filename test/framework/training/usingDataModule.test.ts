import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import type { DataModule } from "../../../framework/data/dataModule.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../../support/toyTraining.ts";

/** Writes down what is asked of it. */
function recordedData(): DataModule & { calls: string[] } {
  const calls: string[] = [];
  const giving = (name: string, batches: number) => () => {
    calls.push(name);
    return toyLoader(batches);
  };
  return {
    calls,
    prepareData: () => void calls.push("prepareData"),
    setup: (stage) => void calls.push(`setup ${stage}`),
    trainDataloader: giving("trainDataloader", 2),
    valDataloader: giving("valDataloader", 1),
    stateDict: () => ({ opened: calls.length }),
    loadStateDict: (state) => void calls.push(`loadStateDict ${JSON.stringify(state)}`),
    teardown: (stage) => void calls.push(`teardown ${stage}`),
  };
}

describe("a DataModule in the Trainer", () => {
  const folder = temporaryFolder();

  it("prepares, sets up, gives its loaders and is torn down", async () => {
    const dataModule = recordedData();
    const module = toyModule();
    const result = await new Trainer({ ...quiet, maxEpochs: 1 }).fit(module, { dataModule });
    expect(result).to.include({ step: 2 }).and.to.have.nested.property("metrics.val/loss");
    expect(dataModule.calls).to.deep.equal([
      "prepareData",
      "setup fit",
      "trainDataloader",
      "valDataloader",
      "teardown fit",
    ]);
    module.dispose();
  });

  it("gets its state back before its loaders when a fit resumes", async () => {
    const module = toyModule();
    const options = { ...quiet, checkpointsFolder: folder.path(), callbacks: [modelCheckpoint()] };
    await new Trainer({ ...options, maxEpochs: 1 }).fit(module, { dataModule: recordedData() });
    const dataModule = recordedData();
    const resumeFrom = folder.path("step-0000002");
    await new Trainer({ ...options, maxEpochs: 2 }).fit(module, { dataModule, resumeFrom });
    expect(dataModule.calls.slice(0, 4)).to.deep.equal([
      "prepareData",
      "setup fit",
      'loadStateDict {"opened":4}',
      "trainDataloader",
    ]);
    module.dispose();
  });

  it("gives the loader of each stage, and is torn down after a failure", async () => {
    const dataModule = recordedData();
    const module = toyModule();
    const trainer = new Trainer({ ...quiet, maxSteps: 1 });
    expect(await trainer.validate(module, { dataModule })).to.have.length(1);
    const testing = { ...module, testStep: () => ({}) };
    expect(await trainer.test(testing, { dataModule }).catch(String)).to.include(
      "Cannot test: the DataModule has no testDataloader",
    );
    expect(dataModule.calls.slice(-3)).to.deep.equal([
      "prepareData",
      "setup test",
      "teardown test",
    ]);
    module.dispose();
  });

  it("is refused beside loaders", async () => {
    const module = toyModule();
    const both = { dataModule: recordedData(), trainLoader: toyLoader(1) };
    expect(await new Trainer({ ...quiet, maxSteps: 1 }).fit(module, both).catch(String)).to.include(
      "expected loaders or a dataModule, got both",
    );
    module.dispose();
  });
});
