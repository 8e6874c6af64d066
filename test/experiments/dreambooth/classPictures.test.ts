import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import {
  encodePng,
  hostTensor,
  InputError,
  rgbImage,
  type GenerateRequest,
  type TextToImage,
} from "seedbed";

import { classPictures } from "../../../experiments/dreambooth/classPictures.ts";
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

describe("classPictures()", () => {
  let components: PipelineComponents;
  let committed: DreamboothSettings;
  let run: Run;
  let workFolder: string;
  afterEach(async () => {
    await run.finish("finished");
    process.chdir(workFolder);
  });
  const temporary = temporaryFolder(); // removed after the run has left it
  before(async () => {
    components = loadPipeline(source);
    committed = settingsOf((await loadExperimentSpec("configs/dreambooth.yaml")).spec);
  });
  after(() => disposePipeline(components));
  beforeEach(async () => {
    workFolder = process.cwd();
    process.chdir(temporary.path());
    brightness = -1;
    run = createRun({ name: "test", seed: 1, spec: {}, specYaml: "", command: [] });
    mkdirSync("own");
    for (const name of ["b", "a", "1000"]) writeFileSync(`own/${name}.png`, await picture());
  });

  const picture = () => encodePng(rgbImage(1, 1, Uint8Array.of(1, 2, 3)));

  /** Draws plain squares, black ones at first, and counts them. */
  let drawn: number[] = [];
  let brightness = -1;
  const generator: TextToImage = {
    async generate({ seeds, width, height }: GenerateRequest) {
      drawn.push(...seeds);
      expect([width, height]).to.deep.equal([16, 16]);
      return hostTensor(new Float32Array(seeds.length * 768).fill(brightness), [
        seeds.length,
        3,
        16,
        16,
      ]);
    },
    stream: () => {
      throw new Error("not used");
    },
    dispose() {},
  };

  /** Names of what is found with these settings of the class. */
  async function found(overrides: object, priorWeight = 1): Promise<string[]> {
    drawn = [];
    const { data, loss } = committed;
    const settings: DreamboothSettings = {
      ...committed,
      loss: { ...loss, priorWeight },
      data: { ...data, class: { ...data.class, ...overrides } },
    };
    const context = { run, signal: new AbortController().signal, print() {} };
    const files = await classPictures({ generator, components, source }, settings, context);
    return files.map((file) => path.basename(file));
  }

  it("are the user's own first, then as many of the model's as they lack", async () => {
    const before = readdirSync("own").map((name) => readFileSync(`own/${name}`));
    expect(await found({ folder: "own", count: 5 })).to.deep.equal([
      "1000.png",
      "a.png",
      "b.png",
      "1000.png",
      "1001.png",
    ]);
    expect([...new Set(drawn)]).to.deep.equal([1000, 1001]);
    expect(readdirSync("own").map((name) => readFileSync(`own/${name}`))).to.deep.equal(before);
    expect(readdirSync(run.path("class-images"))).to.deep.equal(["1000.png", "1001.png"]);
  });

  it("are all of the user's, and nothing is drawn, where there are enough", async () => {
    expect(await found({ folder: "own", count: 2 })).to.deep.equal(["1000.png", "a.png", "b.png"]);
    expect(drawn).to.deep.equal([]);
  });

  it("are found again when more are wanted", async () => {
    await found({ count: 2 });
    expect(await found({ count: 3 })).to.deep.equal(["1000.png", "1001.png", "1002.png"]);
    expect([...new Set(drawn)]).to.deep.equal([1002]);
  });

  it("are the run's own copies when it goes on, though the cache is lost", async () => {
    await found({ folder: "own", count: 5 });
    mkdirSync(run.checkpointsFolder);
    rmSync(".cache", { recursive: true });
    const files = ["1000.png", "a.png", "b.png", "1000.png", "1001.png"];
    expect(await found({ folder: "own", count: 5 })).to.deep.equal(files);
    expect(drawn).to.deep.equal([]);
    rmSync(run.path("class-images/1001.png"));
    expect(await found({ folder: "own", count: 5 })).to.deep.equal(files);
    expect([...new Set(drawn)]).to.deep.equal([1000, 1001]);
    expect(readdirSync(run.path("class-images"))).to.deep.equal(["1000.png", "1001.png"]);
  });

  it("do not take the place of those that a run was begun with", async () => {
    await found({ count: 2 });
    mkdirSync(run.checkpointsFolder);
    rmSync(run.path("class-images/1001.png"));
    const begunWith = readFileSync(run.path("class-images/1000.png"));
    rmSync(".cache", { recursive: true });
    brightness = 1;
    const error: unknown = await found({ count: 2 }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.include('expected the data "class" that it was begun with');
    expect(readdirSync(run.path("class-images"))).to.deep.equal(["1000.png"]);
    expect(readFileSync(run.path("class-images/1000.png"))).to.deep.equal(begunWith);
  });

  it("are none where the prior has no weight", async () => {
    expect(await found({ folder: "own" }, 0)).to.deep.equal([]);
  });
});
