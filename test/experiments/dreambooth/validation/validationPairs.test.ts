import { expect } from "chai";
import { describe, it } from "mocha";

import { settingsOf } from "../../../../experiments/dreambooth/settings.ts";
import { validationPairs } from "../../../../experiments/dreambooth/validation/validationPairs.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";

/** The pairs that the committed spec has with these changes. */
async function found(...overrides: string[]) {
  const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
  const settings = settingsOf(spec);
  return validationPairs
    .filter(({ when }) => when(settings, spec))
    .map(({ keys, isHarmless = false }) => ({ keys: keys.join(" and "), isHarmless }));
}

const monitoring = (metric: string): string => `callbacks=[{ earlyBest: { monitor: ${metric} } }]`;

describe("validationPairs", () => {
  const cases: { overrides: string[]; keys: string; isHarmless?: boolean }[] = [
    { overrides: [monitoring("val/score")], keys: "validation.metrics and callbacks" },
    {
      overrides: ["lrSchedule={ name: reduceOnPlateau, monitor: val/diversity }"],
      keys: "validation.metrics and callbacks",
    },
    { overrides: [monitoring("val/clipI")], keys: "validation.clip and callbacks" },
    {
      overrides: [
        monitoring("val/fidelity"),
        "validation.metrics=true",
        "data.instance.reference=null",
      ],
      keys: "data.instance.reference and callbacks",
    },
    {
      overrides: [
        monitoring("val/promptFidelity"),
        "validation.metrics=true",
        "validation.colourSamples=0",
      ],
      keys: "data.instance.backgrounds and callbacks",
    },
    {
      overrides: [monitoring("val/score"), "validation.metrics=true", "validation.everyNSteps=100"],
      keys: "validation.everyNSteps and callbacks",
    },
    {
      overrides: ["validation.metrics=true", "trainer.limitValBatches=0"],
      keys: "validation.everyNSteps and trainer.limitValBatches",
    },
    {
      overrides: ["validation.everyNSteps=5 %"],
      keys: "validation.everyNSteps and validation.prompts",
      isHarmless: true,
    },
    {
      overrides: ["validation.sampler=euler", "validation.eta=1"],
      keys: "validation.sampler and validation.eta",
      isHarmless: true,
    },
    {
      overrides: ["validation.negativePrompt=blurry"],
      keys: "validation.negativePrompt and validation.guidanceScale",
      isHarmless: true,
    },
  ];
  for (const { overrides, keys, isHarmless = false } of cases) {
    it(`${isHarmless ? "warns of" : "refuses"} ${overrides.join(" ")}`, async () => {
      expect(await found(...overrides)).to.deep.equal([{ keys, isHarmless }]);
    });
  }

  for (const overrides of [
    [],
    [monitoring("val/score"), "validation.metrics=true"],
    [monitoring("val/score"), "validation.metrics=true", "validation.everyNSteps=250"],
    ["validation.negativePrompt=blurry", "validation.guidanceScale=[1, 5]"],
    ["validation.sampler=ddim", "validation.eta=1"],
  ]) {
    it(`has nothing to say of ${overrides.join(" ") || "the committed spec"}`, async () => {
      expect(await found(...overrides)).to.deep.equal([]);
    });
  }
});
