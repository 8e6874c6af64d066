import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError, RandomStream, type Decoder } from "seedbed";

import { settingsOf } from "../../../experiments/nano/settings.ts";
import { checkNewModel, configOf, startingModel } from "../../../experiments/nano/startingModel.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";

const sizes = {
  ...{ features: 64, feedForward: 96, layers: 2, heads: 2, keyValueHeads: 1 },
  ...{ ropeTheta: 10_000, inductionHeads: false },
};

describe("checkNewModel()", () => {
  it("takes what a model can be made of", () => {
    checkNewModel(sizes, 100);
    checkNewModel({ ...sizes, inductionHeads: true, ropeTheta: 500_000 }, 100);
  });

  it("refuses induction heads where they have no place, before there are data", () => {
    const one = { ...sizes, layers: 1, inductionHeads: true };
    expect(() => checkNewModel(one, 100)).to.throw(
      InputError,
      "expected two layers or more, got 1; change model, or set model.inductionHeads false",
    );
    checkNewModel({ ...one, inductionHeads: false }, 100);
  });
});

describe("startingModel()", () => {
  const words = 300;

  async function newModel(...overrides: string[]): Promise<Decoder> {
    const { spec } = await loadExperimentSpec("configs/nano/1-teacher.yaml", [
      ...[`data.vocabularySize=${words}`, "model.features=128", "model.feedForward=64"],
      ...["model.layers=3", "model.heads=2", "model.keyValueHeads=2", ...overrides],
    ]);
    const loader = { length: 0, batch: () => Promise.reject(new Error("Nothing is cut off")) };
    return (await startingModel(settingsOf(spec), spec.seed, loader)).model;
  }

  /** Of a text that is said twice: share of the second time's tokens that are expected most. */
  function copied(model: Decoder): number {
    const random = new RandomStream(1, "text");
    const text = Array.from({ length: 40 }, () => random.integer(words));
    return tf.tidy(() => {
      const ids = tf.tensor2d([[...text, ...text]], undefined, "int32");
      const expected = model.forward({ ids }).logits.argMax(-1).dataSync().slice(text.length, -1);
      return expected.filter((id, i) => id === text[i + 1]).length / expected.length;
    });
  }

  const isZero = (model: Decoder, name: string): boolean =>
    model.parameters
      .get(name)!
      .dataSync<"float32">()
      .every((value) => value === 0);

  it("begins with heads that copy, and with layers that add nothing, where it is asked to", async () => {
    const [heads, plain] = [await newModel(), await newModel("model.inductionHeads=false")];
    expect(copied(heads)).to.be.above(0.5);
    expect(copied(plain)).to.be.below(0.1);
    for (const part of ["self_attn.o_proj", "mlp.down_proj"]) {
      const name = `model.layers.2.${part}.weight`;
      expect([isZero(heads, name), isZero(plain, name)], name).to.deep.equal([true, false]);
    }
    heads.dispose();
    plain.dispose();
  });
});

describe("configOf()", () => {
  it("is of Llama's form, and with induction heads of Qwen2's", () => {
    expect(configOf(sizes, 100)).to.include({ model_type: "llama", rope_theta: 10_000 });
    expect(configOf({ ...sizes, inductionHeads: true }, 100)).to.include({ model_type: "qwen2" });
  });
});
