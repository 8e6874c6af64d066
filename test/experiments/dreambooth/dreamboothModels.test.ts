import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError, runEagerly } from "seedbed";

import { openModels } from "../../../experiments/dreambooth/dreamboothModels.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { singleProcess } from "../../../framework/distributed/world.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyRuns } from "../../support/toyRuns.ts";

describe("openModels()", () => {
  const temporary = temporaryFolder();
  const create = toyRuns(temporary);

  it("does not go on from a checkpoint with another autoencoder in the base model", async () => {
    const folder = temporary.path("base");
    cpSync("test/fixtures/stable-diffusion/tiny-sd-a", folder, { recursive: true });
    const overrides = [`model.folder=${folder}`];
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
    const run = create();
    const open = async (): Promise<void> => {
      const models = await openModels([settingsOf(spec)], {
        ...{ run, spec, compile: runEagerly, world: singleProcess, print() {} },
        signal: new AbortController().signal,
      });
      models.dispose();
    };

    await open();
    mkdirSync(run.checkpointsFolder);
    await open(); // nothing has changed
    const weights = `${folder}/vae/diffusion_pytorch_model.safetensors`;
    const bytes = readFileSync(weights);
    bytes[bytes.length - 2]! ^= 1; // of the last number
    writeFileSync(weights, bytes);
    const error: unknown = await open().catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.match(
      /expected the data "base model" that it was begun with, [0-9a-f]{64}, got [0-9a-f]{64};/,
    );
    await run.finish("finished");
  });
});
