import { expect } from "chai";
import { describe, it } from "mocha";

import dreambooth from "../../../../experiments/dreambooth/experiment.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";
import { clipFolder } from "../../../support/clip.ts";

/** What the experiment says of the committed spec with these changes, before any work. */
async function told(...overrides: string[]): Promise<{ refused: string; warned: string[] }> {
  const model = "model.folder=test/fixtures/stable-diffusion/tiny-sd-a";
  const warned: string[] = [];
  try {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [model, ...overrides]);
    await dreambooth.check!(spec, (line) => warned.push(line));
    return { refused: "", warned };
  } catch (error) {
    return { refused: String(error), warned };
  }
}

describe("dreambooth's validation, given bad input", () => {
  for (const { override, message } of [
    {
      override: "validation.clip=test/fixtures/stable-diffusion/tiny-sd-a",
      message: /Cannot read CLIP .*: missing config\.json, preprocessor_config\.json/,
    },
    { override: "validation.clip=nowhere", message: /Cannot read CLIP nowhere: no such folder/ },
    { override: "validation.everyNSteps=0", message: /\/validation\/everyNSteps/ },
    { override: "validation.everyNSteps=soon", message: /\/validation\/everyNSteps/ },
    { override: "validation.sampler=magic", message: /\/validation\/sampler/ },
    { override: "validation.guidanceScale=[]", message: /\/validation\/guidanceScale/ },
    { override: "validation.metricSamples=1", message: /\/validation\/metricSamples/ },
    { override: 'validation.prompts=[" "]', message: /\/validation\/prompts/ },
  ]) {
    it(`refuses ${override}`, async () => {
      expect((await told(override)).refused).to.match(message);
    });
  }

  it("refuses prompts with words that the model does not know", async () => {
    const bundled = "model.folder=models/emoji-64";
    const { refused } = await told(bundled, "validation.prompts=[a sks xylophone]");
    expect(refused).to.match(/Cannot use prompt "a sks xylophone".*xylophone/);
  });

  it("says what cannot be measured without reference pictures, or colours", async () => {
    const metrics = "validation.metrics=true";
    const noReference = await told(metrics, "data.instance.reference=null");
    expect(noReference.warned.join()).to.match(/val\/fidelity, .*val\/score are left out/);
    const noColours = await told(metrics, "data.instance.backgrounds=null");
    expect(noColours.warned.join()).to.match(/val\/promptFidelity is left out/);
  });

  it("takes a CLIP, any sampler, several guidances and any interval", async () => {
    const { refused } = await told(
      `validation.clip=${clipFolder}`,
      "validation.sampler=dpm++-2m-karras",
      "validation.guidanceScale=[1, 5]",
      "validation.everyNSteps=5 %",
    );
    expect(refused).to.equal("");
  });
});
