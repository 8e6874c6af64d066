import { expect } from "chai";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import { checkpointName } from "../../../framework/training/checkpointFolder.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import type {
  ManualTrainingModule,
  TrainingModule,
} from "../../../framework/training/trainingModule.ts";
import { at, quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../../support/toyTraining.ts";

describe("a second fit of one Trainer", () => {
  it("goes on counting; with maxEpochs reached nothing is trained", async () => {
    const module = toyModule();
    const data = { trainLoader: toyLoader(3) };
    const trainer = new Trainer({ ...quiet, maxEpochs: 2 });
    expect(trainer.status).to.equal("initializing");
    expect((await trainer.fit(module, data)).step).to.equal(6);
    expect([trainer.status, trainer.currentEpoch, trainer.globalStep]).to.deep.equal([
      "finished",
      2,
      6,
    ]);
    expect(await trainer.fit(module, data)).to.include({ step: 6, stopReason: "nothingToTrain" });
    module.dispose();
  });

  it("trains on when maxEpochs or maxSteps is raised: 6 steps, 9, 11", async () => {
    const module = toyModule();
    const data = { trainLoader: toyLoader(3) };
    const trainer = new Trainer({ ...quiet, maxEpochs: 2 });
    expect((await trainer.fit(module, data)).step).to.equal(6);
    trainer.maxEpochs = 3;
    expect((await trainer.fit(module, data)).step).to.equal(9);
    trainer.maxEpochs = null;
    trainer.maxSteps = 11;
    expect([trainer.maxEpochs, trainer.maxSteps]).to.deep.equal([null, 11]);
    expect(await trainer.fit(module, data)).to.include({ step: 11, epochs: 4 });
    expect(() => (trainer.maxSteps = -2)).to.throw("maxSteps must be an integer >= 0, or -1");
    module.dispose();
  });
});

describe("the optimizers of a second fit of one Trainer", () => {
  const folder = temporaryFolder();
  /** Three batches an epoch, from epoch `first` on. */
  const loaderFrom = (first: number): DataLoader => ({
    length: 3,
    batch: (epoch, index) => toyLoader(3).batch(first + epoch, index),
  });
  /** What fits of the same module in turn make of it. */
  async function inTurn(
    fits: readonly ((module: TrainingModule & Partial<ManualTrainingModule>) => Promise<unknown>)[],
    isManual = false,
  ): Promise<string> {
    const toy = toyModule();
    const manual: ManualTrainingModule["manualTrainingStep"] = (
      batch,
      { optimizers, ...context },
    ) => ({
      loss: optimizers[0]!.minimize(() => toy.trainingStep(batch, context).loss),
    });
    for (const fit of fits) await fit(isManual ? { ...toy, manualTrainingStep: manual } : toy);
    const bytes = await parameterBytes(toy);
    toy.dispose();
    return bytes;
  }

  for (const isManual of [false, true]) {
    it(`are new ones: their first update has the bias correction of one${isManual ? ", in manual steps" : ""}`, async () => {
      const trainer = new Trainer({ ...quiet, maxEpochs: 1 });
      const both = await inTurn(
        [
          (module) => trainer.fit(module, { trainLoader: loaderFrom(0) }),
          (module) => {
            trainer.maxEpochs = 2;
            return trainer.fit(module, { trainLoader: loaderFrom(0) });
          },
        ],
        isManual,
      );
      const apart = await inTurn(
        [0, 1].map((epoch) => (module) => {
          const other = new Trainer({ ...quiet, maxEpochs: 1 });
          return other.fit(module, { trainLoader: loaderFrom(epoch) });
        }),
        isManual,
      );
      expect(both).to.equal(apart);
    });
  }

  it("count on after a resume, in a Trainer that has trained and in one that has not", async () => {
    const checkpointsFolder = folder.path();
    const saving = at("onTrainBatchEnd", (state) => {
      if ([2, 4].includes(state.step)) state.saveCheckpoint();
    });
    const made = (): Trainer =>
      new Trainer({ ...quiet, maxEpochs: 1, checkpointsFolder, callbacks: [saving] });
    const data = { trainLoader: loaderFrom(0) };
    const trainer = made();
    const again = (resumeFrom?: string) => (module: TrainingModule) => {
      trainer.maxEpochs = 2;
      return trainer.fit(module, { ...data, resumeFrom });
    };
    const both = await inTurn([(module) => trainer.fit(module, data), again()]);
    const [second, fourth] = [2, 4].map((step) => folder.path(checkpointName(step)));
    const fresh = made();
    fresh.maxEpochs = 2;
    const resumed = (module: TrainingModule) => fresh.fit(module, { ...data, resumeFrom: fourth });
    expect(await inTurn([resumed])).to.equal(both);

    const whole = new Trainer({ ...quiet, maxEpochs: 2 });
    const atOnce = await inTurn([(module) => whole.fit(module, data)]);
    expect(await inTurn([again(second)])).to.equal(atOnce);
  });
});

describe("a second fit of one Trainer, with callbacks", () => {
  const folder = temporaryFolder();

  it("knows the metrics of the first", async () => {
    const module = toyModule();
    const data = { trainLoader: toyLoader(3), valLoader: toyLoader(1) };
    const seen: unknown[] = [];
    const stop = at("onTrainBatchEnd", (state) => {
      if (state.step === 3) state.shouldStop = true;
    });
    const look = at("onTrainStart", ({ metrics }) => seen.push(metrics["val/loss"]));
    const saving = modelCheckpoint({ monitor: "val/loss", everyNTrainSteps: 1 });
    const callbacks = [stop, look, saving];
    const trainer = new Trainer({
      ...quiet,
      maxEpochs: 2,
      checkpointsFolder: folder.path(),
      callbacks,
    });
    const first = await trainer.fit(module, data);
    expect(await trainer.fit(module, data)).to.include({ step: 6, epochs: 2 });
    expect(seen).to.deep.equal([undefined, first.metrics["val/loss"]]);
    module.dispose();
  });
});
