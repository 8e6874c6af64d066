import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { InputError, type Callback, type TrainerOptions, type TrainerState } from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { weightAveraging } from "../../../callbacks/weightAveraging.ts";
import { ortBackend, useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { isKeptInFile } from "../../../framework/base/keptInFile.ts";
import { checkpointName } from "../../../framework/training/checkpointFolder.ts";
import { fitTogether, fitted } from "../../support/fitTogether.ts";
import { at, fitToy, type ToyFit } from "../../support/fitToy.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { recordingLogger } from "../../support/toyTraining.ts";
import { resumableFit } from "./resumableFit.ts";

/** Of the toy's weights: less than the largest has, and than all have together. */
const windowLength = 16;

describe("optimizer.offload", () => {
  onOrt();
  const folder = temporaryFolder();
  let compile: Compile;
  let usualLength: number;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
    usualLength = ortBackend().windows.length;
    ortBackend().windows.length = windowLength;
  });
  after(() => {
    ortBackend().windows.length = usualLength;
  });

  const optimizers = [
    { name: "adamW" },
    { name: "adam", weightDecay: 0.1 },
    { name: "lion" },
    { name: "sgd", momentum: 0.9, nesterov: true },
    { name: "rmsProp", momentum: 0.5 },
    { name: "adagrad", initialAccumulatorValue: 0.1 },
    {
      name: "adamW",
      groups: [{ parameters: "bias$", learningRate: 0.02, betas: [0.8, 0.99] }],
    },
  ];

  /** Moments and parameters at the end, and the losses on the way, in all their digits. */
  async function traces(
    optimizer: { name: string },
    { offload = false, ...options }: ToyFit & { offload?: boolean | { folder: string } } = {},
  ): Promise<{ bytes: string; losses: number[]; moments: number[][]; inFiles: string[] }> {
    const logger = recordingLogger();
    const moments: number[][] = [];
    const inFiles: string[] = [];
    const look = async ({ optimizers: [first] }: TrainerState): Promise<void> => {
      for (const [name, variable] of first!.optimizer.state()) {
        moments.push([...(await variable.data())]);
        if (isKeptInFile(variable)) inFiles.push(name);
      }
    };
    const { callbacks = [], ...others } = options;
    const { bytes } = await fitToy({
      maxSteps: 6,
      compile,
      logEveryNSteps: 1,
      loggers: [logger],
      checkpointsFolder: folder.path("checkpoints"),
      module: { noise: 0.1, optimizer: { learningRate: 0.01, ...optimizer, offload } },
      callbacks: [...callbacks, at("onTrainEnd", look)],
      ...others,
    });
    const losses = logger.rows.flatMap(({ metrics }) => metrics["train/loss"] ?? []);
    return { bytes, losses, moments, inFiles };
  }

  for (const optimizer of optimizers) {
    const groups = "groups" in optimizer ? " in groups" : "";
    it(`trains with ${optimizer.name}${groups} to the same bits`, async () => {
      const { inFiles: none, ...plain } = await traces(optimizer);
      const { inFiles, ...offloaded } = await traces(optimizer, { offload: true });
      expect(offloaded).to.deep.equal(plain);
      expect(none).to.deep.equal([]);
      const kept = new Set(inFiles.map((name) => name.slice(name.indexOf("/") + 1)));
      expect([...kept]).to.have.members(["hidden.weight", "hidden.bias", "output.weight"]);
    });
  }

  const settings: { title: string; options: ToyFit; callbacks?: () => Callback[] }[] = [
    {
      title: "accumulation, clipping and averaged weights",
      options: { accumulateGradBatches: 3, gradientClipVal: 0.5 },
      callbacks: () => [weightAveraging({ decay: 0.9, warmup: true })],
    },
    {
      title: "steps that are skipped in half precision",
      options: { precision: "16-mixed", lossScale: { initialScale: 2 ** 24 } },
    },
  ];
  for (const { title, options, callbacks = () => [] } of settings) {
    it(`trains to the same bits with ${title}`, async () => {
      const plain = await traces({ name: "adamW" }, { ...options, callbacks: callbacks() });
      const offloaded = await traces(
        { name: "adamW" },
        { ...options, callbacks: callbacks(), offload: true },
      );
      expect(offloaded.inFiles).to.have.length(6);
      expect({ ...offloaded, inFiles: [] }).to.deep.equal(plain);
    });
  }

  it("has read a window and nothing else when a step has ended", async () => {
    const arrays: boolean[] = [];
    await traces(
      { name: "adamW" },
      {
        offload: true,
        callbacks: [
          at("onTrainBatchEnd", ({ optimizers: [first] }) => {
            for (const [name, { dataId }] of first!.optimizer.state()) {
              if (!name.endsWith("output.bias")) arrays.push("array" in ortBackend().entry(dataId));
            }
          }),
        ],
      },
    );
    expect(arrays).to.deep.equal(Array.from({ length: 6 * 6 }, () => false));
  });

  it("leaves no file in the folder, during the fit or after it", async () => {
    const scratch = folder.path("scratch");
    const seen: string[][] = [];
    await traces(
      { name: "adamW" },
      {
        offload: { folder: scratch },
        callbacks: [at("onTrainBatchEnd", () => void seen.push(readdirSync(scratch)))],
      },
    );
    expect([...seen, readdirSync(scratch)].flat()).to.deep.equal([]);
  });

  /** Fits that a test resumes, each as it says, to the bits of one that was not interrupted. */
  const resuming: { title: string; first: boolean; second: boolean }[] = [
    { title: "with it where it was on", first: true, second: true },
    { title: "without it where it was on", first: true, second: false },
    { title: "with it where it was off", first: false, second: true },
  ];
  for (const { title, first, second } of resuming) {
    it(`resumes ${title}, to the same bits`, async () => {
      const optimizer = (offload: boolean) => ({ name: "adamW", learningRate: 0.01, offload });
      const fit = (name: string, offload: boolean, options: TrainerOptions = {}) =>
        resumableFit(folder.path(name), { compile, ...options }, { optimizer: optimizer(offload) });
      const whole = await fit(`${title}-whole`, false);
      await fit(title, first, { maxSteps: 10 });
      const resumed = await fit(title, second);
      expect(resumed).to.deep.equal(whole);
    });
  }

  for (const shardOptimizer of [false, true]) {
    const divided = shardOptimizer ? "that divide the moments" : "that all have the moments";
    it(`trains and resumes several workers ${divided}, to the same bits`, async () => {
      const fits = [];
      for (const offload of [false, true]) {
        const checkpoints = folder.path(`workers-${shardOptimizer}-${offload}`);
        const own = (rank: number) => ({ checkpointsFolder: `${checkpoints}/${rank}` });
        const options = {
          compile,
          strategy: { shardOptimizer },
          module: { optimizer: { name: "adamW", learningRate: 0.01, offload } },
        };
        const callbacks = (): Callback[] => [
          modelCheckpoint({ everyNTrainSteps: 3, saveTopK: -1 }),
        ];
        const whole = fitted(
          await fitTogether(options, (rank) => ({ ...own(rank), callbacks: callbacks() })),
        );
        const resumeFrom = path.join(checkpoints, "0", checkpointName(3));
        const resumed = fitted(await fitTogether({ ...options, resumeFrom }, own));
        expect(resumed.map(({ bytes }) => bytes)).to.deep.equal(whole.map(({ bytes }) => bytes));
        fits.push(whole);
      }
      expect(fits[1]).to.deep.equal(fits[0]);
    });
  }

  it("holds the moments in checkpoints as without it", async () => {
    const contents = await Promise.all(
      [false, true].map(async (offload) => {
        const checkpointsFolder = folder.path(`saved-${offload}`);
        const callbacks = [modelCheckpoint({ everyNTrainSteps: 3, saveTopK: -1 })];
        await traces({ name: "adamW" }, { offload, checkpointsFolder, callbacks, validates: true });
        const names = readdirSync(checkpointsFolder, { recursive: true, encoding: "utf8" });
        const files = names.filter((name) => name.endsWith("optimizer.safetensors")).toSorted();
        return files.map((name) => [name, readFileSync(path.join(checkpointsFolder, name), "hex")]);
      }),
    );
    expect(contents[0]).to.have.length(2);
    expect(contents[1]).to.deep.equal(contents[0]);
  });

  /** What a fit fails with. */
  async function failure(options: Parameters<typeof traces>[1]): Promise<Error> {
    const error: unknown = await traces({ name: "adamW" }, { offload: true, ...options }).catch(
      (reason: unknown) => reason,
    );
    if (error instanceof Error) return error;
    throw new Error("Expected a fit that fails");
  }

  it("names the folder that it cannot write to, and the cure", async () => {
    const file = folder.path("file");
    writeFileSync(file, "");
    const error = await failure({ offload: { folder: path.join(file, "below") } });
    expect(error).to.be.instanceOf(InputError);
    expect(error.message).to.match(
      /^Cannot make .*file.below.adamW\.firstMoment\.\d+\.0\.tmp: ENOTDIR: not a directory; name a folder on a disk with room in optimizer\.offload\.folder, or leave out optimizer\.offload$/,
    );
  });

  it("refuses a fit without a folder to put files in", async () => {
    const error = await failure({ checkpointsFolder: undefined });
    expect(error.message).to.include("name a folder in optimizer.offload.folder");
  });

  it("refuses to look for anomalies and to have checkpoints written by a thread", async () => {
    const anomalies = await failure({ detectAnomaly: true });
    expect(anomalies.message).to.include("optimizer.offload with trainer.detectAnomaly");
    const threads = await failure({ checkpoints: { async: true } });
    expect(threads.message).to.include("optimizer.offload with trainer.checkpoints.async");
  });

  it("refuses steps that are not compiled", async () => {
    const error = await failure({ compile: undefined });
    expect(error.message).to.include("expected the compile of backend ort, got none");
  });
});
