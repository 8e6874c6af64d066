import { expect } from "chai";
import { before, describe, it } from "mocha";
import { compositeOn, readImages, resizeImage, runEagerly, type RgbaImage } from "seedbed";

import { measureFidelity } from "../../../experiments/dreambooth/fidelity.ts";
import type { SampleSet } from "../../../experiments/dreambooth/samples.ts";
import { settingsOf, type DreamboothSettings } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";

describe("measureFidelity()", () => {
  let subjects: { image: RgbaImage }[];
  let settings: DreamboothSettings;
  before(async () => {
    subjects = await readImages("subjects/penguin");
    settings = settingsOf((await loadExperimentSpec("configs/dreambooth.yaml")).spec);
  });

  /** Names of what so many samples of each prompt tell; the subject's own pictures stand for them. */
  async function measured(samples: number): Promise<Record<string, number | string>> {
    const images = await Promise.all(
      subjects.slice(0, samples).map(async ({ image }) => {
        return compositeOn(await resizeImage(image, 64, 64), [255, 255, 255]);
      }),
    );
    const set: SampleSet = { class: images, subject: images, others: [], coloured: [] };
    const context = { compile: runEagerly, print() {} };
    return measureFidelity({ before: set, after: set, subjects, settings, context });
  }

  it("tells what became of the class by two samples or more", async () => {
    const summary = await measured(2);
    expect(summary["diversity"]).to.equal(1);
    expect(summary["classSimilarityAfter"]).to.equal(summary["classSimilarity"]);
  });

  it("tells the subject's similarity by one sample, which has no diversity", async () => {
    const summary = await measured(1);
    expect(summary).to.include.keys("subjectSimilarity", "classSimilarity");
    expect(summary).to.not.have.any.keys("diversity", "classSimilarityAfter");
  });
});
