import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { findExportSource } from "../../../framework/export/exportSource.ts";
import { loadForExport } from "../../../framework/export/loadForExport.ts";
import { disposePipeline } from "../../../framework/pipelines/pipelineComponents.ts";
import { storedRun } from "../../support/storedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const model = "test/fixtures/stable-diffusion/tiny-sd-a";
const parameters = { "unet.conv_out.bias": [1, 2, 3, 4] };

describe("findExportSource()", () => {
  const folder = temporaryFolder();
  const find = (reference: string, checkpoint?: string): ReturnType<typeof findExportSource> =>
    findExportSource(reference, { runsFolder: folder.path("runs"), checkpoint });

  async function refused(reference: string, checkpoint?: string): Promise<string> {
    const error: unknown = await find(reference, checkpoint).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(InputError);
    return String(error);
  }

  it("takes a model as it is", async () => {
    expect(await find(model)).to.deep.equal({ model });
    expect(await refused(model, "best")).to.include("expected a run, got a model");
  });

  it("finds the last checkpoint of a run, and the model that it began with", async () => {
    const { folder: run, checkpoint } = storedRun(folder.path("runs"), {
      model: { folder: model },
      parameters,
    });
    expect(await find(run)).to.deep.equal({ model, checkpoint });
    expect(await find(run.slice(-8))).to.deep.equal({ model, checkpoint }); // its id
    expect(await find(run, "step-0000003")).to.deep.equal({ model, checkpoint });
    expect(await refused(run, "best")).to.include("Cannot find the best checkpoint");
    expect(await refused(run, "step-1")).to.include('"step-1", got step-0000003');
  });

  it("finds what else of the spec changes the model: LoRA's alpha, and what is predicted", async () => {
    const run = storedRun(folder.path("runs"), {
      model: { folder: model, lora: { alpha: 8 } },
      loss: { predictionType: "v_prediction", zeroTerminalSnr: true },
      parameters,
    });
    const { checkpoint } = run;
    const changes = {
      loraAlpha: 8,
      retraining: { predictionType: "v_prediction", zeroTerminalSnr: true },
    } as const;
    expect(await find(run.folder)).to.deep.equal({ model, checkpoint, ...changes });
    const { components } = loadForExport({ model, ...changes });
    expect(components.scheduler.prediction_type).to.equal("v_prediction");
    expect(components.scheduler.rescale_betas_zero_snr).to.equal(true);
    disposePipeline(components);
  });

  it("takes a checkpoint of weights only where there is no other", async () => {
    const run = storedRun(folder.path("runs"), {
      model: { folder: model },
      parameters,
      weightsOnly: true,
    });
    expect(await find(run.folder)).to.deep.equal({ model, checkpoint: run.checkpoint });
  });

  it("takes the pipeline that a run has written where its spec names none", async () => {
    const run = storedRun(folder.path("runs"), { parameters });
    expect(await refused(run.folder)).to.include("names no pipeline at /model/folder");
    folder.write({
      [`${run.folder.slice(folder.path().length + 1)}/model/model_index.json`]: "{}",
    });
    expect((await find(run.folder)).model).to.equal(`${run.folder}/model`);
  });

  it("refuses what is not there", async () => {
    expect(await refused("none")).to.include('Cannot find run "none"');
  });
});
