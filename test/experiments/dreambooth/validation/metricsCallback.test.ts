import { expect } from "chai";
import { describe, it } from "mocha";
import { InterruptedError, singleProcess, Trainer, type Callback } from "seedbed";

import { earlyStopping } from "../../../../callbacks/earlyStopping.ts";
import { weightAveraging } from "../../../../callbacks/weightAveraging.ts";
import { metricsCallback } from "../../../../experiments/dreambooth/validation/metricsCallback.ts";
import { fitIn } from "../../../support/fitTogether.ts";
import { together } from "../../../support/memoryWorlds.ts";
import { recordingLogger, toyLoader, toyModule } from "../../../support/toyTraining.ts";

const { signal } = new AbortController();
const alone = { world: singleProcess, signal };

/** Fits the toy with a validation after every second step. */
async function fit(maxSteps: number, callbacks: Callback[]) {
  const logger = recordingLogger();
  const module = toyModule();
  const settings = { valCheckInterval: 2, checkValEveryNEpoch: null, numSanityValSteps: 0 };
  const trainer = new Trainer({
    ...{ maxSteps, ...settings, callbacks, loggers: [logger], print: () => {} },
  });
  const data = { trainLoader: toyLoader(20), valLoader: toyLoader(1) };
  const result = await trainer.fit(module, data).finally(() => module.dispose());
  return { ...result, logger };
}

describe("metricsCallback()", () => {
  it("logs what is measured after each validation, for callbacks that monitor", async () => {
    const quality = [0.1, 0.4, 0.3, 0.2, 0.5];
    let looks = 0;
    const measure = async () => ({ "val/score": quality[looks++]!, "val/other": Number.NaN });
    const { step, logger } = await fit(20, [
      earlyStopping({ monitor: "val/score", mode: "max", patience: 2 }),
      metricsCallback({ everyNSteps: null, measure, ...alone }),
    ]);
    expect(step, "two looks after the best").to.equal(8);
    const rows = logger.rows.filter(({ metrics }) => "val/score" in metrics);
    expect(rows.map((row) => [row.step, row.metrics["val/score"]])).to.deep.equal([
      [2, 0.1],
      [4, 0.4],
      [6, 0.3],
      [8, 0.2],
    ]);
    expect(rows[0]!.metrics["val/other"]).to.deep.equal(Number.NaN);
  });

  it("measures at an interval of its own, with averaged weights", async () => {
    const module = toyModule();
    const bias = (): number => module.trainableParameters().get("output.bias")!.dataSync()[0]!;
    const measure = async () => ({ "val/bias": bias() });
    const logger = recordingLogger();
    const trainer = new Trainer({
      maxSteps: 5,
      loggers: [logger],
      callbacks: [
        weightAveraging({ decay: 1 }), // so that the average stays what it was at the start
        metricsCallback({ everyNSteps: 2, measure, ...alone }),
      ],
      print: () => {},
    });
    const start = bias();
    await trainer.fit(module, { trainLoader: toyLoader(5) });
    module.dispose();
    const measured = logger.rows.flatMap(({ step, metrics }) =>
      "val/bias" in metrics ? [[step, metrics["val/bias"]]] : [],
    );
    expect(measured).to.deep.equal([
      [2, start],
      [4, start],
    ]);
  });

  it("lets an abort end the fit as it would anywhere else", async () => {
    const abort = new AbortController();
    const measure = async () => {
      abort.abort();
      throw new Error("aborted");
    };
    const module = toyModule();
    const callback = metricsCallback({
      ...{ everyNSteps: 1, measure, world: singleProcess, signal: abort.signal },
    });
    const trainer = new Trainer({
      ...{ maxSteps: 3, callbacks: [callback], signal: abort.signal, print: () => {} },
    });
    const error = await trainer
      .fit(module, { trainLoader: toyLoader(3) })
      .catch((reason: unknown) => reason);
    module.dispose();
    expect(error).to.be.instanceOf(InterruptedError);
  });

  it("gives every worker what rank 0 measured", async () => {
    const fits = await together(2, (world) => {
      const measure = async () => ({ "val/rank": world.rank + 7 });
      const callback = metricsCallback({ everyNSteps: 1, measure, world, signal });
      return fitIn(world, { maxSteps: 2, callbacks: [callback] });
    });
    const measured = fits.map((each) => (each instanceof Error ? each : each.metrics["val/rank"]));
    expect(measured).to.deep.equal([7, 7]);
  });

  it("passes on other errors", async () => {
    const measure = async () => {
      throw new Error("no judge");
    };
    const callback = metricsCallback({ everyNSteps: 1, measure, ...alone });
    expect(await fit(2, [callback]).catch(String)).to.include("no judge");
  });
});
