import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import {
  disposePipeline,
  encodePng,
  InputError,
  loadPipeline,
  rgbImage,
  runEagerly,
  type PipelineComponents,
  type TextToImage,
} from "seedbed";

import { prepareSubject } from "../../../experiments/dreambooth/prepareSubject.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { singleProcess } from "../../../framework/distributed/world.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const source = path.resolve("test/fixtures/stable-diffusion/tiny-sd-a");

/** The class's pictures are there. */
const generator: TextToImage = {
  generate: () => Promise.reject(new Error("nothing is to be drawn")),
  stream: () => {
    throw new Error("nothing is to be drawn");
  },
  dispose() {},
};

describe("prepareSubject()", () => {
  let components: PipelineComponents;
  let run: Run;
  afterEach(async () => {
    await run.finish("finished");
    disposePipeline(components);
  });
  const temporary = temporaryFolder(); // removed after the run has left it
  beforeEach(() => {
    components = loadPipeline(source);
    run = createRun({
      ...{ name: "test", seed: 1, spec: {}, specYaml: "", command: [] },
      parentDirectory: temporary.path("runs"),
    });
  });

  it("notes pictures, texts and masks, and does not go on with others", async () => {
    const white = await encodePng(rgbImage(16, 16, new Uint8Array(768).fill(255)));
    for (const folder of ["subject", "masks", "class"]) {
      mkdirSync(temporary.path(folder));
      writeFileSync(temporary.path(folder, "a.png"), white);
    }
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      `data.instance={ folder: ${temporary.path("subject")}, masks: ${temporary.path("masks")}, prompt: a sks cat, captions: files }`,
      `data.class={ folder: ${temporary.path("class")}, count: 1, prompt: a cat }`,
      ...["loss.masked=true", "data.cache.latents=none"],
    ]);
    const prepare = () =>
      prepareSubject({ generator, components, hash: "of tiny-sd-a" }, settingsOf(spec), {
        ...{ run, spec, compile: runEagerly, world: singleProcess, print() {} },
        signal: new AbortController().signal,
      });

    temporary.write({ "subject/a.txt": "a sks cat that sleeps" });
    await prepare();
    expect(run.manifest.data).to.have.keys("class", "instance", "prompts", "masks");
    mkdirSync(run.checkpointsFolder);
    await prepare();
    temporary.write({ "subject/a.txt": "a sks cat that walks" });
    const error: unknown = await prepare().catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.include('expected the data "prompts" that it was begun with');
  });
});
