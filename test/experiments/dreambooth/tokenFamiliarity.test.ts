import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { disposePipeline, loadPipeline, runEagerly, type PipelineComponents } from "seedbed";

import {
  familiarFrom,
  tokenFamiliarity,
} from "../../../experiments/dreambooth/tokenFamiliarity.ts";

describe("tokenFamiliarity()", () => {
  let model: PipelineComponents;
  before(() => {
    model = loadPipeline("models/emoji-64");
  });
  after(() => disposePipeline(model));

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
});
