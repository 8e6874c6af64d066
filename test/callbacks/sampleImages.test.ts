import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { decodeImage, InterruptedError, Trainer, type RgbImage } from "seedbed";

import { sampleImages, type SampleImagesOptions } from "../../callbacks/sampleImages.ts";
import { weightAveraging } from "../../callbacks/weightAveraging.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

const pixel: RgbImage = { width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) };

describe("sampleImages()", () => {
  it("logs what is drawn every n optimizer steps", async () => {
    const logger = recordingLogger();
    const module = toyModule();
    const draw = async ({ step }: { step: number }) => [pixel, { ...pixel, caption: `at ${step}` }];
    const callbacks = [sampleImages({ everyNSteps: 2, key: "samples", draw })];
    const trainer = new Trainer({
      maxSteps: 5,
      accumulateGradBatches: 2,
      loggers: [logger],
      callbacks,
      print: () => {},
    });
    await trainer.fit(module, { trainLoader: toyLoader(4) });
    module.dispose();
    expect(
      logger.images.map(({ step, key, images }) => [
        step,
        key,
        ...images.map(({ width, height, caption }) => [width, height, caption]),
      ]),
    ).to.deep.equal([
      [2, "samples", [1, 1, undefined], [1, 1, "at 2"]],
      [4, "samples", [1, 1, undefined], [1, 1, "at 4"]],
    ]);
    const decoded = await decodeImage(logger.images[0]!.images[0]!.png);
    expect([...decoded.data.slice(0, 3)]).to.deep.equal([1, 2, 3]);
  });

  it("draws after each validation of the fit when there is no interval", async () => {
    const module = toyModule();
    const drawn: number[] = [];
    const callbacks = [
      sampleImages({
        everyNSteps: null,
        key: "samples",
        async draw({ step }) {
          drawn.push(step);
          return [];
        },
      }),
    ];
    const trainer = new Trainer({ maxSteps: 4, valCheckInterval: 2, callbacks, print: () => {} });
    await trainer.fit(module, { trainLoader: toyLoader(5), valLoader: toyLoader(1) });
    await trainer.validate(module, toyLoader(1));
    module.dispose();
    expect(drawn, "the sanity check and validate() left out").to.deep.equal([2, 4]);
  });

  it("draws with averaged weights", async () => {
    const module = toyModule();
    const bias = (): number => module.trainableParameters().get("output.bias")!.dataSync()[0]!;
    const start = bias();
    const drawn: number[] = [];
    const trained: number[] = [];
    const callbacks = [
      weightAveraging({ decay: 1 }), // so that the average stays what it was at the start
      sampleImages({
        everyNSteps: 1,
        key: "samples",
        async draw() {
          drawn.push(bias());
          return [];
        },
      }),
      { name: "reading", onTrainBatchEnd: () => void trained.push(bias()) },
    ];
    const trainer = new Trainer({ maxSteps: 1, callbacks, print: () => {} });
    await trainer.fit(module, { trainLoader: toyLoader(1) });
    module.dispose();
    expect(drawn).to.deep.equal([start]);
    expect(trained[0]).to.not.equal(start);
  });

  it("lets an abort end the fit as it would anywhere else", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "seedbed-"));
    const abort = new AbortController();
    const module = toyModule();
    const options: SampleImagesOptions = {
      everyNSteps: 1,
      key: "samples",
      async draw() {
        abort.abort();
        abort.signal.throwIfAborted();
        return [];
      },
      signal: abort.signal,
    };
    const trainer = new Trainer({
      maxSteps: 3,
      callbacks: [sampleImages(options)],
      checkpointsFolder: folder,
      signal: abort.signal,
      print: () => {},
    });
    const error = await trainer
      .fit(module, { trainLoader: toyLoader(3) })
      .catch((reason: unknown) => reason);
    module.dispose();
    rmSync(folder, { recursive: true });
    expect(error).to.be.instanceOf(InterruptedError);
  });

  it("passes on other errors", async () => {
    const module = toyModule();
    const draw = async () => {
      throw new Error("out of paint");
    };
    const callbacks = [sampleImages({ everyNSteps: 1, key: "samples", draw })];
    const trainer = new Trainer({ maxSteps: 1, callbacks, print: () => {} });
    const error = await trainer.fit(module, { trainLoader: toyLoader(1) }).catch(String);
    module.dispose();
    expect(error).to.include("out of paint");
  });

  it("refuses what it cannot use", () => {
    const draw = async () => [];
    for (const everyNSteps of [0, 1.5, NaN]) {
      expect(() => sampleImages({ everyNSteps, key: "a", draw })).to.throw(
        RangeError,
        "everyNSteps must be an integer >= 1 or an interval",
      );
    }
    expect(() => sampleImages(JSON.parse('{"everyNSteps":1,"key":"a"}'))).to.throw(
      TypeError,
      "draw must be a function, got undefined",
    );
  });
});
