import { expect } from "chai";
import { describe, it } from "mocha";
import { rgbImage } from "seedbed";

import { settingsOfSubjects } from "../../../../experiments/dreambooth/settings.ts";
import { subjectsQuality } from "../../../../experiments/dreambooth/validation/subjectsQuality.ts";
import type { ValidationSampler } from "../../../../experiments/dreambooth/validation/validationSampler.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";

const pixel = rgbImage(1, 1, new Uint8Array(3));
const sampler: ValidationSampler = {
  guidanceScales: [1],
  draw: async ({ prompts }) => prompts.map(() => pixel),
  dispose() {},
};

describe("subjectsQuality()", () => {
  it("names each of several subjects, and means what all have", async () => {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      "data.instance=null",
      "data.class=null",
      "data.subjects=[{ instance: { folder: a, prompt: a sks cat }, class: { prompt: a cat } }, { instance: { folder: b, prompt: a zwx dog }, class: { prompt: a dog } }]",
    ]);
    const bySubject = settingsOfSubjects(spec).map((settings, i) => ({
      ...{ settings, features: undefined, pictures: { instances: [], references: [] } },
      clip: {
        imageSimilarity: async () => 0.5 + i / 4,
        textSimilarity: async () => 0.25,
        dispose() {},
      },
    }));
    const judges = { bySubject, dispose: async () => {} };
    const metrics = await subjectsQuality(judges, { sampler, baseSampler: sampler });
    expect(await metrics.measure([])).to.deep.equal({
      "val/clipI": 0.625,
      "val/clipT": 0.25,
      "val/a-sks-cat/clipI": 0.5,
      "val/a-sks-cat/clipT": 0.25,
      "val/a-zwx-dog/clipI": 0.75,
      "val/a-zwx-dog/clipT": 0.25,
    });
  });
});
