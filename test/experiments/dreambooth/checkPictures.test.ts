import { copyFileSync, mkdirSync, rmSync } from "node:fs";

import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";
import sharp, { type Sharp } from "sharp";

import { checkPictures } from "../../../experiments/dreambooth/checkPictures.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import type { DataSettings } from "../../../experiments/dreambooth/settings/data.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** A plain picture of 20 pixels; the model's have 16. */
function plain(red: number, { width = 20, height = 20 } = {}): Sharp {
  return sharp({ create: { width, height, channels: 3, background: { r: red, g: 0, b: 0 } } });
}

describe("checkPictures()", () => {
  const temporary = temporaryFolder();
  let components: PipelineComponents;
  let committed: DataSettings;
  before(async () => {
    committed = settingsOf((await loadExperimentSpec("configs/dreambooth.yaml")).spec).data;
  });
  before(() => {
    components = loadPipeline("test/fixtures/stable-diffusion/tiny-sd-a");
  });
  after(() => disposePipeline(components));
  beforeEach(async () => {
    for (const folder of ["own", "class"]) mkdirSync(temporary.path(folder));
    for (const red of [1, 2, 3]) await plain(red).toFile(temporary.path("own", `${red}.png`));
  });

  /** What is warned of. */
  async function warned(
    overrides: Partial<DataSettings> = {},
    model: PipelineComponents = components,
  ): Promise<string[]> {
    const lines: string[] = [];
    const instance = { ...committed.instance, folder: temporary.path("own"), reference: null };
    await checkPictures({ ...committed, instance, ...overrides }, model, (line) =>
      lines.push(line),
    );
    return lines;
  }

  it("has nothing to say of a few pictures", async () => {
    expect(await warned()).to.deep.equal([]);
  });

  it("warns of a single picture", async () => {
    for (const red of [2, 3]) rmSync(temporary.path("own", `${red}.png`));
    const [line, ...others] = await warned();
    expect(line).to.match(/There is one picture in .*own: its background and pose/);
    expect(others).to.deep.equal([]);
  });

  it("warns of a hundred and more", async () => {
    for (let i = 0; i < 100; i++) copy("1.png", `copy-${i}.png`);
    const [line] = await warned();
    expect(line).to.match(/There are 103 pictures in .*own: 3 to 5 of one subject are usual/);
  });

  it("warns of an animation, whose first frame is used", async () => {
    const frames = await Promise.all([9, 250].map((red) => plain(red).png().toBuffer()));
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toFile(temporary.path("own", "a.gif"));
    expect(await warned()).to.deep.equal([
      `Only the first frame is used of what is animated: a.gif in ${temporary.path("own")}`,
    ]);
  });

  it("warns of files that are no pictures, but not of captions and folders that are named", async () => {
    temporary.write({ "own/1.txt": "a caption", "own/notes.txt": "", "own/film.mp4": "" });
    mkdirSync(temporary.path("own", "reference"));
    copy("1.png", "reference/1.png");
    const reference = temporary.path("own", "reference");
    const instance = { ...committed.instance, folder: temporary.path("own"), reference };
    expect(await warned({ instance })).to.deep.equal([
      `Passed over what is no picture: film.mp4, notes.txt in ${temporary.path("own")}`,
    ]);
  });

  it("warns of pictures that are smaller than the model's", async () => {
    await plain(7, { width: 40, height: 10 }).toFile(temporary.path("own", "small.png"));
    expect((await warned()).join()).to.match(
      /enlarged, having sides below .* 16 pixels: small\.png/,
    );
  });

  it("warns of pictures of the subject in the class's folder, whatever their names and format", async () => {
    copy("1.png", "../class/other.png");
    await plain(2).webp({ lossless: true }).toFile(temporary.path("class", "again.webp"));
    await plain(200).toFile(temporary.path("class", "cat.png"));
    const folder = temporary.path("class");
    expect(await warned({ class: { ...committed.class, folder } })).to.deep.equal([
      `Pictures of the subject are in the class's folder ${folder}: again.webp, other.png; what the class is kept by would then be the subject itself`,
    ]);
  });

  it("warns of more shapes than there are compiled steps kept for", async () => {
    const bundled = loadPipeline("models/emoji-64"); // the tiny one has fewer shapes
    for (const [i, width] of [50, 57, 67, 120, 200, 334, 600, 700, 800].entries()) {
      await plain(i, { width, height: 200 }).toFile(temporary.path("own", `w${width}.png`));
    }
    const shapes = async (buckets: boolean) =>
      (await warned({ buckets }, bundled)).filter((line) => !/enlarged/.test(line)).join();
    expect(await shapes(false)).to.equal("");
    expect(await shapes(true)).to.match(
      /are put in 9 buckets: compiled steps are kept for 8 shapes/,
    );
    disposePipeline(bundled);
  });

  function copy(from: string, to: string): void {
    copyFileSync(temporary.path("own", from), temporary.path("own", to));
  }
});
