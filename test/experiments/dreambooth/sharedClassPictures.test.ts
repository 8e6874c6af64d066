import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { hostTensor, type GenerateRequest, type TextToImage } from "seedbed";

import { settingsOf, type DreamboothSettings } from "../../../experiments/dreambooth/settings.ts";
import { sharedClassPictures } from "../../../experiments/dreambooth/sharedClassPictures.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { workerRun } from "../../../framework/tracking/workerRun.ts";
import { memoryWorlds } from "../../support/memoryWorlds.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const source = path.resolve("test/fixtures/stable-diffusion/tiny-sd-a");

describe("sharedClassPictures()", () => {
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
    const committed = settingsOf((await loadExperimentSpec("configs/dreambooth.yaml")).spec);
    const { data } = committed;
    settings = { ...committed, data: { ...data, class: { ...data.class, count: 2 } } };
  });
  after(() => disposePipeline(components));
  beforeEach(() => {
    workFolder = process.cwd();
    process.chdir(temporary.path());
    run = createRun({ name: "test", seed: 1, spec: {}, specYaml: "", command: [] });
  });

  /** The files that two workers are given, and who has drawn. */
  async function ofTwo(): Promise<{ files: string[][]; drew: number[] }> {
    const drew = new Set<number>();
    const files = await Promise.all(
      memoryWorlds(2).map(async (world) => {
        const generator: TextToImage = {
          async generate({ seeds }: GenerateRequest) {
            drew.add(world.rank);
            const shape = [seeds.length, 3, 16, 16];
            return hostTensor(new Float32Array(seeds.length * 768), shape);
          },
          stream: () => {
            throw new Error("not used");
          },
          dispose() {},
        };
        const worker = world.rank === 0 ? { run, remove() {} } : workerRun(run.manifest);
        const context = {
          ...{ world, run: worker.run, signal: new AbortController().signal },
          print() {},
        };
        const found = await sharedClassPictures(
          { generator, components, source },
          settings,
          context,
        );
        if (world.rank > 0) await worker.run.finish("finished");
        worker.remove();
        return found;
      }),
    );
    return { files, drew: [...drew] };
  }

  it("are drawn by rank 0 alone, and the same files for all", async () => {
    const { files, drew } = await ofTwo();
    expect(drew).to.deep.equal([0]);
    expect(files[0]).to.have.length(2);
    expect(files[1]).to.deep.equal(files[0]);
  });

  it("are the run's own for all workers when it goes on and the cache is lost", async () => {
    await ofTwo();
    mkdirSync(run.checkpointsFolder);
    rmSync(".cache", { recursive: true });
    const { files, drew } = await ofTwo();
    expect(drew).to.deep.equal([]);
    const copies = ["1000.png", "1001.png"].map((name) => run.path("class-images", name));
    expect(files).to.deep.equal([copies, copies]);
  });
});
