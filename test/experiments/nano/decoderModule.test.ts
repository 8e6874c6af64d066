import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  createLoader,
  createOptimizer,
  Decoder,
  packedDataset,
  tokenDocuments,
  toTensors,
  Trainer,
  type DataLoader,
  type TokenDocument,
} from "seedbed";

import {
  decoderModule,
  type DecoderModuleOptions,
} from "../../../experiments/nano/decoderModule.ts";
import { quiet } from "../../support/fitToy.ts";
import { groupedConfig as config } from "./tinyDecoders.ts";

const context = { loaderIndex: 0, log() {}, logDict() {} };
const optimizerConfig = {
  optimizer: createOptimizer({ name: "adamW", learningRate: 0.01, weightDecay: 0 }),
};

/** Batches of one row of so many tokens each. */
const loaderOf = (documents: TokenDocument[], length: number): DataLoader =>
  createLoader({
    dataset: packedDataset(tokenDocuments(documents), { length, padId: 0 }),
    batchSize: 1,
    seed: 1,
  });

/** The loss on one row of documents. */
async function lossOf(
  options: Omit<DecoderModuleOptions, "optimizerConfig">,
  documents: TokenDocument[],
  length: number,
): Promise<number> {
  const batch = toTensors(await loaderOf(documents, length).batch(0, 0));
  const module = decoderModule({ optimizerConfig, ...options });
  const loss = tf.tidy(() => module.trainingStep(batch, context).loss.dataSync()[0]!);
  tf.dispose(batch);
  return loss;
}

describe("decoderModule()", () => {
  const short = { ids: [1, 2, 3] };
  const long = { ids: [4, 5, 6, 7, 8], learnt: [0, 0, 1, 1, 1] };

  it("has the same loss for documents side by side as for each alone, by tokens that count", async () => {
    const model = new Decoder(config, { seed: 1 });
    const [first, second] = [
      await lossOf({ model }, [short], 4),
      await lossOf({ model }, [long], 8),
    ];
    const together = await lossOf({ model }, [short, long], 10);
    expect(together).to.be.closeTo((2 * first + 3 * second) / 5, 1e-5);
    expect(first).to.not.be.closeTo(second, 1e-2);
    model.dispose();
  });

  it("learns what follows what", async () => {
    const model = new Decoder(config, { seed: 1 });
    const documents = [short, long];
    const before = await lossOf({ model }, documents, 10);
    const module = decoderModule({ model, optimizerConfig });
    const loader = loaderOf(documents, 10);
    const { metrics } = await new Trainer({ ...quiet, maxSteps: 40 }).fit(module, {
      trainLoader: loader,
      valLoader: loader,
    });
    expect(before).to.be.above(1.5);
    expect(metrics["val/loss"]).to.be.below(0.1);
    expect(metrics["val/accuracy"]).to.equal(1);
    model.dispose();
  });

  it("comes to think what its teacher thinks, which stays as it was", async () => {
    const teacher = new Decoder(config, { seed: 2 });
    const model = new Decoder({ ...config, num_hidden_layers: 1 }, { seed: 3 });
    const documents = [{ ids: [1, 2, 3, 4] }, { ids: [5, 6, 7, 8] }];
    const options = { model, teacher };
    const table = (decoder: Decoder): number[] => [
      ...decoder.parameters.get("model.embed_tokens.weight")!.dataSync<"float32">(),
    ];
    const [before, taught] = [await lossOf(options, documents, 8), table(teacher)];
    const module = decoderModule({ ...options, optimizerConfig });
    expect([...module.trainableParameters().keys()].some((name) => /teacher/.test(name))).to.equal(
      false,
    );
    await new Trainer({ ...quiet, maxSteps: 60 }).fit(module, {
      trainLoader: loaderOf(documents, 8),
    });
    expect((await lossOf(options, documents, 8)) / before).to.be.below(0.1);
    expect(table(teacher)).to.deep.equal(taught);
    model.dispose();
    teacher.dispose();
  });

  it("also learns, by its weight, what is only seen, but not beside a teacher", async () => {
    const model = new Decoder(config, { seed: 1 });
    const seen = { ids: long.ids, learnt: [0, 1, 0, 0, 0] };
    const all = { ids: long.ids, learnt: [0, 1, 1, 1, 1] };
    const alone = await lossOf({ model }, [seen], 8);
    const weighed = await lossOf({ model, promptWeight: 1 }, [seen], 8);
    expect(weighed).to.not.be.closeTo(alone, 1e-2);
    expect(weighed).to.be.closeTo(await lossOf({ model }, [all], 8), 1e-5);
    const both = { model, optimizerConfig, teacher: model, promptWeight: 0.1 };
    expect(() => decoderModule(both)).to.throw(
      RangeError,
      "beside a teacher, got promptWeight 0.1",
    );
    model.dispose();
  });

  it("trains some layers only, if told so", () => {
    const model = new Decoder(config, { seed: 1 });
    const name = "model.norm.weight";
    const trained = new Map([[name, model.parameters.get(name)!]]);
    const module = decoderModule({ model, trained, optimizerConfig });
    expect([...module.trainableParameters().keys()]).to.deep.equal([name]);
    expect(module.frozenParameters!().size).to.equal(model.parameters.size - 1);
    model.dispose();
  });
});
