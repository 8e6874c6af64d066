import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { encodePng, rgbImage, type RgbImage } from "seedbed";

import {
  saveBeforeAfter,
  type BeforeAfter,
  type SampleSet,
} from "../../../experiments/dreambooth/samples.ts";
import { settingsOfSubjects } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("saveBeforeAfter()", () => {
  const temporary = temporaryFolder();

  const plain = (grey: number): RgbImage => rgbImage(8, 8, new Uint8Array(192).fill(grey));

  function setOf(grey: number, coloured: SampleSet["coloured"]): SampleSet {
    const image = plain(grey);
    return { class: [image], subject: [image], others: [], coloured };
  }

  it("keeps every sample of several subjects in a folder for each", async () => {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      "data.instance=null",
      "data.class=null",
      "data.subjects=[{ instance: { folder: x, token: sks, class: cat } }, { instance: { folder: y, token: zwx, class: clock } }]",
    ]);
    const run = createRun({
      ...{ name: "test", seed: 1, spec: {}, specYaml: "", command: [] },
      parentDirectory: temporary.path("runs"),
    });
    const drawn = settingsOfSubjects(spec).map((settings, i): BeforeAfter => ({
      before: setOf(0, []),
      after: setOf(i, [{ image: plain(100 + i), colour: [0, 0, 0] }]),
      ...{ subjects: [], settings },
    }));
    await saveBeforeAfter(drawn, { run }, 1);
    const names = ["photo-of-a-sks-cat", "photo-of-a-zwx-clock"];
    expect(readdirSync(run.path("samples/after"))).to.have.members(names);
    for (const [i, name] of names.entries()) {
      expect(readdirSync(run.path("samples/after", name))).to.have.members([
        "background-0.png",
        "class-0.png",
        "subject-0.png",
      ]);
      const bytes = readFileSync(run.path("samples/after", name, "background-0.png"));
      expect(bytes).to.deep.equal(Buffer.from(await encodePng(plain(100 + i))));
    }
    await run.finish("finished");
  });
});
