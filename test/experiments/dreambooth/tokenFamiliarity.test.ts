import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { disposePipeline, loadPipeline, runEagerly, type PipelineComponents } from "seedbed";

import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import {
  familiarFrom,
  tokenFamiliarity,
  warnOfFamiliar,
} from "../../../experiments/dreambooth/tokenFamiliarity.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";

let model: PipelineComponents;
before(() => {
  model = loadPipeline("models/emoji-64");
});
after(() => disposePipeline(model));

describe("tokenFamiliarity()", () => {
  for (const token of ["sks", "zwx", "ohwx"]) {
    it(`is little for ${token}, which the bundled model never saw`, async () => {
      const prompt = `a ${token} penguin`;
      const found = await tokenFamiliarity(token, prompt, model, runEagerly);
      expect(found).to.be.within(0.5, 3).and.below(familiarFrom);
    });
  }

  for (const token of ["blue", "cat", "3d", "smiling"]) {
    it(`is much more for ${token}, which it knows`, async () => {
      const prompt = `a ${token} penguin`;
      const found = await tokenFamiliarity(token, prompt, model, runEagerly);
      expect(found).to.be.above(familiarFrom);
    });
  }

  it("is of the word as such, not inside others", async () => {
    const found = await tokenFamiliarity("in", "a penguin in red", model, runEagerly);
    expect(found).to.be.within(0.5, 100);
  });
});

describe("warnOfFamiliar()", () => {
  /** Lines for the committed spec with these changes. */
  async function told(...overrides: string[]): Promise<string[]> {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
    const lines: string[] = [];
    const context = { compile: runEagerly, print: (line: string) => lines.push(line) };
    await warnOfFamiliar(settingsOf(spec).data, model, context);
    return lines;
  }

  it("has nothing to say of the committed spec", async () => {
    expect(await told()).to.deep.equal([]);
  });

  for (const overrides of [
    ["data.instance.prompt=a Blue penguin"],
    ["data.instance.prompt=a Blue penguin", "data.instance.token=blue"],
  ]) {
    it(`tells of a word with a capital, which the tokenizer reads without: ${overrides.join(" ")}`, async () => {
      const [line, ...others] = await told(...overrides);
      expect(line).to.match(
        /^The model seems to know [Bb]lue already: in "a Blue penguin" it means/,
      );
      expect(others).to.deep.equal([]);
    });
  }
});
