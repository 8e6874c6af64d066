import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createOptimizer, runEagerly, Trainer } from "seedbed";

import {
  createCorpus,
  windowLoaders,
} from "../../../experiments/characterLanguageModel/dataset.ts";
import { languageModule } from "../../../experiments/characterLanguageModel/languageModule.ts";
import { sampleTexts } from "../../../experiments/characterLanguageModel/sampleText.ts";
import { createTransformer } from "../../../experiments/characterLanguageModel/transformer.ts";

const corpus = createCorpus("abcd".repeat(50), 0.2);
const shape = { characters: 4, context: 8, features: 16, heads: 2, blocks: 1 };

describe("languageModule()", () => {
  it("learns what comes next, and writes it", async () => {
    const model = createTransformer({ ...shape, seed: 1 });
    const optimizer = createOptimizer({ name: "adamW", learningRate: 0.01 });
    const module = languageModule({ model, optimizerConfig: { optimizer } });
    const loaders = windowLoaders(corpus, { context: 8, batchSize: 4, seed: 1 });
    const trainer = new Trainer({ print: () => {}, numSanityValSteps: 0, maxSteps: 60 });
    const [before] = await trainer.validate(module, loaders.valLoader);
    expect(before!["val/bitsPerCharacter"]).to.be.closeTo(2, 0.5);
    const { metrics } = await trainer.fit(module, loaders);
    expect(metrics["val/bitsPerCharacter"]).to.be.below(0.3);
    const texts = await sampleTexts({
      model,
      characters: corpus.characters,
      context: 8,
      prompts: ["a", "cd"],
      length: 10, // more than the context
      temperature: 0.2,
      seed: 1,
      compile: runEagerly,
      signal: new AbortController().signal,
    });
    expect(texts).to.deep.equal(["abcdabcdabc", "cdabcdabcdab"]);
    model.dispose();
  });
});

describe("createTransformer()", () => {
  it("does not look at what comes after", () => {
    const model = createTransformer({ ...shape, seed: 1 });
    const [first, second] = [
      [0, 1, 2],
      [0, 1, 3],
    ].map((ids) =>
      tf.tidy(() =>
        model
          .logits(tf.tensor2d([ids], [1, 3], "int32"))
          .dataSync()
          .slice(0, 8),
      ),
    );
    expect(first).to.deep.equal(second);
    model.dispose();
  });

  it("refuses heads that do not divide the features", () => {
    expect(() => createTransformer({ ...shape, heads: 3, seed: null })).to.throw(
      RangeError,
      "3 heads do not divide 16 features",
    );
  });
});

describe("sampleTexts()", () => {
  it("refuses characters that the text does not have", async () => {
    const model = createTransformer({ ...shape, seed: null });
    const sampling = sampleTexts({
      model,
      characters: corpus.characters,
      context: 8,
      prompts: ["x"],
      length: 1,
      temperature: 1,
      seed: 1,
      compile: runEagerly,
      signal: new AbortController().signal,
    });
    expect(await sampling.catch(String)).to.include('Cannot continue "x"');
    model.dispose();
  });
});
