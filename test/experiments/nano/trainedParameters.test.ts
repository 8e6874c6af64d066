import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  createLoader,
  createOptimizer,
  Decoder,
  findLastCheckpoint,
  mergeLora,
  packedDataset,
  peftPrefix,
  readPeftAdapter,
  tokenDocuments,
  Trainer,
  type DataLoader,
  type NamedVariables,
} from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { decoderModule } from "../../../experiments/nano/decoderModule.ts";
import { trainedParameters } from "../../../experiments/nano/trainedParameters.ts";
import { quiet } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { groupedConfig as config } from "./tinyDecoders.ts";

const lora = { rank: 2, alpha: 4, targets: ["q_proj", "down_proj"], seed: null };
const options = { lora, seed: 3, baseModel: "base/model" };

const loader = (): DataLoader =>
  createLoader({
    dataset: packedDataset(tokenDocuments([{ ids: [1, 2, 3, 4] }, { ids: [5, 6, 7, 8] }]), {
      length: 8,
      padId: 0,
    }),
    batchSize: 1,
    seed: 1,
  });

const values = (parameters: NamedVariables): number[][] =>
  Array.from(parameters.values(), (variable) => [...variable.dataSync<"float32">()]);

const logits = (model: Decoder): number[] =>
  tf.tidy(() => {
    const ids = tf.tensor2d([[1, 2, 3, 5]], [1, 4], "int32");
    return [...model.forward({ ids }).logits.dataSync<"float32">()];
  });

const largestDifference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe("trainedParameters() with LoRA", () => {
  const temporary = temporaryFolder();

  /** Trains a model's changes for so many steps, on from the last checkpoint if told so. */
  async function fit(model: Decoder, maxSteps: number, { resumes = false } = {}) {
    const { parameters } = model;
    const trained = trainedParameters(parameters, { adapted: parameters }, options);
    const checkpointsFolder = temporary.path("checkpoints");
    const trainer = new Trainer({
      ...quiet,
      maxSteps,
      checkpointsFolder,
      callbacks: [modelCheckpoint({ everyNTrainSteps: 5 })],
    });
    const optimizer = createOptimizer({ name: "adamW", learningRate: 0.02, weightDecay: 0 });
    const module = decoderModule({
      model,
      trained: trained.parameters,
      optimizerConfig: { optimizer },
    });
    await trainer.fit(module, {
      trainLoader: loader(),
      resumeFrom: resumes ? findLastCheckpoint(checkpointsFolder) : undefined,
    });
    return trained;
  }

  it("changes the factors alone, and gives the model them at the end, as the adapter has them", async () => {
    const model = new Decoder(config, { seed: 1 });
    const [own, plain] = [values(model.parameters), logits(model)];
    const trained = await fit(model, 10);
    expect(trained.parameters.size).to.equal(2 * 2 * 2);
    expect(values(model.parameters)).to.deep.equal(own);
    const beside = logits(model);
    expect(largestDifference(beside, plain)).to.be.above(0.1);
    const seen = await trained.weights();
    expect(values(model.parameters), "as they were").to.deep.equal(own);

    await trained.finish(temporary.path("adapter"));
    expect(largestDifference(logits(model), beside)).to.be.below(1e-4);
    expect(
      Array.from(seen.values(), (each) => [...each.values]),
      "what it computed with",
    ).to.deep.equal(values(model.parameters));
    expect(
      trained.parameters.get(`${peftPrefix}.model.layers.0.mlp.down_proj.lora_A.weight`)!
        .isDisposed,
    ).to.equal(true);

    const { layers, baseModel } = readPeftAdapter(temporary.path("adapter"));
    expect(baseModel).to.equal("base/model");
    const again = new Decoder(config, { seed: 1 });
    const merge = mergeLora({ [peftPrefix]: again });
    merge.merge(layers);
    expect(logits(again), "the adapter on the model that it was trained for").to.deep.equal(
      logits(model),
    );
    merge.unmerge(layers);
    expect(values(again.parameters), "to the bit").to.deep.equal(own);
    merge.dispose();
    again.dispose();
    model.dispose();
  });

  it("ends with the same bits when it is resumed", async () => {
    const alone = new Decoder(config, { seed: 1 });
    const whole = await fit(alone, 10);
    const expected = values(whole.parameters);
    whole.dispose();
    alone.dispose();
    temporary.clear();

    const model = new Decoder(config, { seed: 1 });
    (await fit(model, 5)).dispose();
    const resumed = await fit(model, 10, { resumes: true });
    expect(values(resumed.parameters)).to.deep.equal(expected);
    resumed.dispose();
    model.dispose();
  });

  it("trains some parameters in full beside changes of others", () => {
    const model = new Decoder(config, { seed: 1 });
    const [norm, ...others] = [...model.parameters].toReversed();
    const parts = { full: new Map([norm!]), adapted: new Map(others) };
    const trained = trainedParameters(model.parameters, parts, options);
    expect(trained.parameters.size).to.equal(1 + 2 * 2 * 2);
    expect(trained.frozen.size).to.equal(model.parameters.size - 1);
    trained.dispose();
    expect(() => trainedParameters(model.parameters, parts, { ...options, lora: null })).to.throw(
      RangeError,
      "expected lora, got null",
    );
    model.dispose();
  });

  it("trains the model's own parameters where there is no LoRA", async () => {
    const model = new Decoder(config, { seed: 1 });
    const own = new Map([...model.parameters].slice(0, 1));
    const trained = trainedParameters(model.parameters, { full: own }, { ...options, lora: null });
    expect(trained.parameters).to.equal(own);
    expect(trained.frozen.size).to.equal(model.parameters.size - 1);
    await trained.finish(temporary.path("adapter"));
    model.dispose();
  });
});
