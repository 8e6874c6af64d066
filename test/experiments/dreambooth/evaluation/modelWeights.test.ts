import { copyFileSync, cpSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import {
  hostTensor,
  InputError,
  runEagerly,
  schedulerConfigJson,
  stableDiffusionSchedule,
  writeLearnedEmbeddings,
} from "seedbed";

import { drawPictures } from "../../../../experiments/dreambooth/evaluation/drawPictures.ts";
import {
  baseWeights,
  runWeights,
  type ModelWeights,
} from "../../../../experiments/dreambooth/evaluation/modelWeights.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";
import type { EvaluatedRun } from "../../../../framework/experiment/evaluation.ts";
import { readRun } from "../../../../framework/tracking/runStore.ts";
import { storedRun } from "../../../support/storedRun.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const model = path.resolve("test/fixtures/stable-diffusion/tiny-sd-a");
const adapters = {
  lora: "pytorch_lora_weights.safetensors",
  tokens: "learned_embeds.safetensors",
};

describe("runWeights(), of a run that kept no checkpoint", () => {
  let workFolder: string;
  afterEach(() => process.chdir(workFolder));
  const temporary = temporaryFolder(); // removed after the run has left it
  beforeEach(() => {
    workFolder = process.cwd();
  });

  /**
   * A finished run whose own pipeline has the weights that it began with.
   *
   * @param trains section `model` of its spec
   */
  async function exportedRun(trains: object): Promise<EvaluatedRun> {
    const { folder, run } = storedRun(temporary.path("runs"), { parameters: { x: [0] } });
    rmSync(path.join(folder, "checkpoints"), { recursive: true });
    cpSync(model, path.join(folder, "model"), { recursive: true });
    const spec = {
      ...{ name: "tiny", experiment: "dreambooth", model: { folder: model, ...trains } },
      data: { instance: { folder: "x", prompt: "a <pet> cat" }, class: { prompt: "a cat" } },
    };
    writeFileSync(path.join(folder, "spec.yaml"), JSON.stringify(spec));
    await run.finish("finished", {});
    const loaded = await loadExperimentSpec(path.join(folder, "spec.yaml"));
    return { stored: readRun(folder), spec: loaded.spec, name: "tiny" };
  }

  function writeTokens(folder: string, value: number): void {
    const vectors = hostTensor(
      Float32Array.from({ length: 32 }, (_, i) => value * (i % 5)),
      [1, 32],
    );
    writeLearnedEmbeddings(path.join(folder, adapters.tokens), new Map([["<pet>", vectors]]));
  }

  /** One picture of one step. */
  async function draw(weights: ModelWeights, prompt: string): Promise<readonly number[]> {
    process.chdir(temporary.path());
    const drawing = {
      ...{ weights, size: 16, wanted: [{ prompt, count: 1, seed: 0 }] },
      scheduler: schedulerConfigJson(stableDiffusionSchedule),
      sampling: { steps: 1, guidanceScale: 1, eta: 0, batchSize: 1 },
    };
    const options = { compile: runEagerly, signal: new AbortController().signal, onDrawn() {} };
    const pictures = await drawPictures(drawing, options);
    process.chdir(workFolder);
    return [...pictures.get(prompt)![0]!.data];
  }

  it("adds the LoRA beside the pipeline", async () => {
    const base = await baseWeights(model, () => {});
    const run = await exportedRun({ lora: {} });
    copyFileSync(
      path.join(model, "lora", adapters.lora),
      path.join(run.stored.folder, adapters.lora),
    );
    const weights = await runWeights(run, base, {});
    expect(weights.hash).to.not.equal(base.hash);
    expect(await draw(weights, "a cat")).to.not.deep.equal(await draw(base, "a cat"));
  });

  it("adds the tokens beside the pipeline, and tells one content from another", async () => {
    const base = await baseWeights(model, () => {});
    const run = await exportedRun({ inversion: { token: "<pet>", initializer: "cat" } });
    writeTokens(run.stored.folder, 3);
    const first = await runWeights(run, base, {});
    const picture = await draw(first, "a <pet> cat");
    writeTokens(run.stored.folder, -3);
    const second = await runWeights(run, base, { checkpoint: "model" });
    expect(first.hash).to.not.equal(second.hash);
    expect(await draw(second, "a <pet> cat")).to.not.deep.equal(picture);
  });

  it("takes the pipeline alone where nothing was trained beside it", async () => {
    const base = await baseWeights(model, () => {});
    const run = await exportedRun({});
    expect((await runWeights(run, base, {})).hash).to.equal(base.hash); // the same files
  });

  for (const [name, trains, file] of [
    ["LoRA", { lora: {} }, adapters.lora],
    ["tokens", { inversion: { token: "<pet>", initializer: "cat" } }, adapters.tokens],
  ] as const) {
    it(`refuses a pipeline whose ${name} were not written`, async () => {
      const base = await baseWeights(model, () => {});
      const run = await exportedRun(trains);
      const error: unknown = await runWeights(run, base, {}).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(InputError);
      expect(String(error)).to.match(
        new RegExp(
          `Cannot evaluate .*model: expected what was trained beside it in .*${file}, got no such file; continue the run: seedbed resume `,
        ),
      );
    });
  }
});
