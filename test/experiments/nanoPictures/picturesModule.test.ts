import { expect } from "chai";
import { describe, it } from "mocha";
import {
  createOptimizer,
  InputError,
  tokenDocuments,
  Trainer,
  type Idefics3,
  type NamedVariables,
} from "seedbed";

import { pictureKinds } from "../../../experiments/nano/pictures/picture.ts";
import {
  encoderSight,
  pictureAnswers,
  pictureEngine,
} from "../../../experiments/nano/vision/pictureAnswers.ts";
import { parametersOf } from "../../../experiments/nano/vision/pictureModel.ts";
import { pictureScores } from "../../../experiments/nano/vision/pictureScores.ts";
import { ofKinds, pictureLoaders } from "../../../experiments/nanoPictures/loaders.ts";
import { picturesModule } from "../../../experiments/nanoPictures/picturesModule.ts";
import { quiet } from "../../support/fitToy.ts";
import { pictures, tinyModel, tinyTokenizer } from "../nano/vision/tinyPictures.ts";

const tokenizer = tinyTokenizer();
const documents = tokenDocuments([
  { ids: [1, 30, 31, 32, 33], learnt: [0, 0, 1, 1, 1] },
  { ids: [1, 40, 41, 42, 43], learnt: [0, 0, 1, 1, 1] },
]);
const data = {
  tokenizer,
  pictures: { train: pictures, validation: pictures, test: [] },
  chat: { train: documents, validation: documents, test: documents },
  prose: { train: documents, validation: documents, test: documents },
  manifest: { counts: [] },
};

interface FitOptions {
  trained?: NamedVariables;
  share?: number;
  maxSteps?: number;
  length?: number;
}

async function fit(
  model: Idefics3,
  { trained = model.parameters, share = 0, maxSteps = 1, length = 40 }: FitOptions,
) {
  const settings = {
    kinds: [...pictureKinds],
    ...{ seed: 0, scale: 1, sources: [], vocabularySize: 300, tokenizer: null },
    ...{ length, batchSize: 3 },
    dialogues: { share, length: 10, batchSize: 1, mixture: {} },
  };
  const optimizer = createOptimizer({ name: "adamW", learningRate: 0.04, weightDecay: 0 });
  const frozen = new Map([...model.parameters].filter(([name]) => !trained.has(name)));
  const module = picturesModule({
    model,
    trained: { parameters: trained, frozen },
    optimizerConfig: { optimizer },
    dialogueShare: share,
  });
  const loaders = pictureLoaders(settings, data, { imageTokens: model.tokensPerFrame, seed: 1 });
  return new Trainer({ ...quiet, maxSteps }).fit(module, loaders);
}

const values = (parameters: NamedVariables): number[][] =>
  Array.from(parameters.values(), (variable) => [...variable.dataSync<"float32">()]);

describe("picturesModule()", () => {
  /** All but the first layers, whose gradients are slow in plain JavaScript. */
  const quick = ({ parameters }: Idefics3): NamedVariables =>
    new Map([...parameters].filter(([name]) => !/embed_tokens|patch_embedding/.test(name)));

  it("learns to name pictures, which the engine then does", async () => {
    const model = tinyModel();
    const before = await fit(model, { maxSteps: 1, trained: quick(model) });
    expect(before.metrics["val/named"]).to.equal(0);
    const { metrics } = await fit(model, { maxSteps: 32, trained: quick(model) });
    expect(metrics["val/loss"]).to.be.below(0.3);
    expect(metrics["val/named"]).to.equal(1);

    const engine = pictureEngine(model, 2);
    const options = { sight: encoderSight(model.pictures), engine, tokenizer };
    const { all, kinds, named } = await pictureScores(pictures, options);
    expect(named.map(({ said }) => said)).to.deep.equal([
      "A red square.",
      "A green square.",
      "A blue square.",
    ]);
    expect({ all, kinds }).to.deep.equal({ all: 1, kinds: { shapes: 1, digits: 1 } });
    expect(await pictureAnswers([], options)).to.deep.equal([]);
    await engine.dispose();
    model.dispose();
  });

  it("says before it begins how long rows have to be", async () => {
    const model = tinyModel();
    const problem: unknown = await fit(model, { length: 8 }).catch((error: unknown) => error);
    expect(problem).to.be.instanceOf(InputError);
    expect(String(problem)).to.match(/expected data\.length to be at least \d+, .*, got 8$/);
    model.dispose();
  });

  it("trains the parts that it is told to, and leaves the others to the bit", async () => {
    const model = tinyModel();
    const eyes = new Map([...parametersOf(model, "vision"), ...parametersOf(model, "connector")]);
    const text = parametersOf(model, "text");
    const before = { eyes: values(eyes), text: values(text) };
    await fit(model, { trained: eyes, maxSteps: 2 });
    expect(values(text)).to.deep.equal(before.text);
    const after = values(eyes);
    const names = [...eyes.keys()];
    const same = names.filter((_, i) =>
      after[i]!.every((value, k) => value === before.eyes[i]![k]),
    );
    // The softmax over keys does not notice what is added to all of them.
    expect(same.filter((name) => !name.endsWith("k_proj.bias"))).to.deep.equal([]);
    model.dispose();
  });

  it("asks of the kinds that are wanted, and refuses those that there are not", () => {
    expect(ofKinds(pictures, ["digits"]).map(({ kind }) => kind)).to.deep.equal(["digits"]);
    expect(() => ofKinds(pictures, ["emoji"])).to.throw(InputError, "none of the kinds emoji");
  });

  it("learns dialogues beside pictures, by their share", async () => {
    const model = tinyModel();
    const options = { share: 0.5, trained: quick(model) };
    const before = (await fit(model, { ...options, maxSteps: 1 })).metrics;
    const { metrics } = await fit(model, { ...options, maxSteps: 20 });
    expect(metrics["val/dialogueLoss"]).to.be.below(before["val/dialogueLoss"]! / 2);
    expect(metrics["val/loss"]).to.be.below(before["val/loss"]! / 2);
    const logged = metrics["train/pictures"]! * 0.5 + metrics["train/dialogues"]! * 0.5;
    expect(metrics["train/loss"]).to.be.closeTo(logged, 1e-5);
    model.dispose();
  });
});
