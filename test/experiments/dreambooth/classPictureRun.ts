import path from "node:path";

import { after, afterEach, before, beforeEach } from "mocha";
import { hostTensor, type GenerateRequest, type TextToImage } from "seedbed";

import type { ClassModel } from "../../../experiments/dreambooth/classPictures.ts";
import { settingsOf, type DreamboothSettings } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const source = path.resolve("test/fixtures/stable-diffusion/tiny-sd-a");

/** What class pictures are made for: a run in a folder of its own, where the test is meanwhile. */
export interface ClassPictureRun {
  readonly run: () => Run;
  /** Those of the committed config. */
  readonly settings: () => DreamboothSettings;
  readonly modelOf: (generator: TextToImage) => ClassModel;
}

export function classPictureRun(): ClassPictureRun {
  let components: PipelineComponents;
  let settings: DreamboothSettings;
  let run: Run;
  let workFolder: string;
  afterEach(async () => {
    await run.finish("finished");
    process.chdir(workFolder);
  });
  const temporary = temporaryFolder(); // removed after the run has left it
  before(async () => {
    components = loadPipeline(source);
    settings = settingsOf((await loadExperimentSpec("configs/dreambooth.yaml")).spec);
  });
  after(() => disposePipeline(components));
  beforeEach(() => {
    workFolder = process.cwd();
    process.chdir(temporary.path());
    run = createRun({ name: "test", seed: 1, spec: {}, specYaml: "", command: [] });
  });
  return {
    run: () => run,
    settings: () => settings,
    modelOf: (generator) => ({ generator, components, hash: "of tiny-sd-a" }),
  };
}

/** Draws plain squares, and tells of each request. */
export const plainSquares = (
  told: (request: GenerateRequest) => void,
  brightness: () => number = () => 0,
): TextToImage => ({
  async generate(request) {
    told(request);
    const count = request.seeds.length;
    return hostTensor(new Float32Array(count * 768).fill(brightness()), [count, 3, 16, 16]);
  },
  stream: () => {
    throw new Error("not used");
  },
  dispose() {},
});
