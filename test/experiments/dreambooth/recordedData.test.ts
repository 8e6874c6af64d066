import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { InputError, listImages } from "seedbed";

import { recordMasks, recordTexts } from "../../../experiments/dreambooth/recordedData.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import type { DataSettings } from "../../../experiments/dreambooth/settings/data.ts";
import { classPrompts, instancePrompts } from "../../../experiments/dreambooth/subjectPrompts.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("what a run notes beside pictures", () => {
  let run: Run;
  afterEach(() => run.finish("finished"));
  const temporary = temporaryFolder(); // removed after the run has left it
  beforeEach(() => {
    run = createRun({
      ...{ name: "test", seed: 1, spec: {}, specYaml: "", command: [] },
      parentDirectory: temporary.path("runs"),
    });
  });

  /** The committed spec's data, of two pictures with captions and masks in folders. */
  async function captioned(): Promise<DataSettings> {
    const [pictures, masks] = [temporary.path("pictures"), temporary.path("masks")];
    for (const folder of [pictures, masks]) {
      mkdirSync(folder);
      for (const name of ["a", "b"]) {
        copyFileSync("subjects/penguin/instance_00_f00.png", `${folder}/${name}.png`);
      }
    }
    writeFileSync(`${pictures}/a.txt`, "a sks penguin that waves");
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      `data.instance.folder=${pictures}`,
      "data.instance.captions=files",
      `data.instance.masks=${masks}`,
    ]);
    return settingsOf(spec).data;
  }

  const files = (data: DataSettings) => listImages(data.instance.folder).images;

  const noteTexts = (data: DataSettings): void =>
    recordTexts(run, data, {
      subject: instancePrompts(data, files(data)),
      class: classPrompts(data, 3),
    });

  it("is every text: it does not go on with another caption", async () => {
    const data = await captioned();
    noteTexts(data);
    expect(run.manifest.data["prompts"]!.details).to.deep.equal({ distinct: 3 });
    mkdirSync(run.checkpointsFolder);
    noteTexts(data);
    writeFileSync(temporary.path("pictures/a.txt"), "a sks penguin that sleeps");
    expect(() => noteTexts(data)).to.throw(InputError, /expected the data "prompts"/);
  });

  it("is every mask: it does not go on with another one", async () => {
    const data = await captioned();
    recordMasks(run, data, files(data));
    mkdirSync(run.checkpointsFolder);
    recordMasks(run, data, files(data));
    copyFileSync("subjects/penguin/instance_01_f16.png", temporary.path("masks/b.png"));
    expect(() => recordMasks(run, data, files(data))).to.throw(
      InputError,
      /expected the data "masks"/,
    );
  });

  it("is new to runs that were begun before: they go on", async () => {
    mkdirSync(run.checkpointsFolder);
    const data = await captioned();
    noteTexts(data);
    recordMasks(run, data, files(data));
    expect(Object.keys(run.manifest.data)).to.deep.equal(["prompts", "masks"]);
  });
});
