import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { addLora, addLoraLayers, type LoraOptions } from "../../../framework/adapters/lora.ts";
import { readLoraLayers } from "../../../framework/adapters/loraFile.ts";
import { mergeLora } from "../../../framework/adapters/loraMerge.ts";
import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { checkpoint } from "../../../framework/nn/checkpoint.ts";
import { conv2d, embedding, layerNorm, linear } from "../../../framework/nn/layers.ts";
import { ParameterScope, type Parameters } from "../../../framework/nn/parameterScope.ts";
import { expectClose, wave } from "../../support/tensors.ts";

/** A small model with layers of each kind. */
function smallModel() {
  const scope = new ParameterScope({ seed: 3 });
  const q = linear(scope.at("block.to_q"), 3, 4);
  const conv = conv2d(scope.at("block.conv"), 2, 3, { size: 3, strides: [2, 2] });
  embedding(scope.at("table"), 2, 2);
  layerNorm(scope.at("norm"), 3);
  return {
    parameters: scope.parameters,
    q,
    conv,
    dispose: () => tf.dispose([...scope.parameters.values()]),
  };
}

const largest = (x: tf.Tensor): number => tf.tidy(() => x.abs().max().dataSync()[0]!);

const host = (values: number[], shape: number[]): HostTensor =>
  hostTensor(Float32Array.from(values), shape);

describe("addLora()", () => {
  it("adds alpha / rank times both factors: a case by hand", async () => {
    const scope = new ParameterScope({ seed: null });
    const layer = linear(scope, 2, 1);
    const models = { unet: { parameters: new Map(prefixed(scope.parameters, "proj")) } };
    const down = host([1, 2, 3, 4], [2, 2]);
    const up = host([1, 10], [1, 2]);
    const lora = addLoraLayers(models, new Map([["unet.proj", { down, up, alpha: 3 }]]));
    const y = tf.tidy(() => layer(tf.tensor2d([[1, 1]])));
    await expectClose(y, [[(3 / 2) * (1 * 3 + 10 * 7)]]);
    lora.setScale(0);
    const none = tf.tidy(() => layer(tf.tensor2d([[1, 1]])));
    await expectClose(none, [[0]]);
    lora.dispose();
    tf.dispose([y, none, ...scope.parameters.values()]);
  });

  it("changes nothing at first, and is alone in having gradients", () => {
    const model = smallModel();
    const x = tf.tensor2d(wave([2, 3], 0), [2, 3]);
    const before = tf.tidy(() => model.q(x).dataSync());
    const lora = addLora({ unet: model }, { rank: 2, seed: 1, targets: ["to_q", "conv"] });
    const after = tf.tidy(() => model.q(x).dataSync());
    expect(after).to.deep.equal(before);
    expect([...lora.parameters].map(([name, { shape }]) => [name, shape])).to.deep.equal([
      ["unet.block.to_q.lora_A.weight", [2, 3]],
      ["unet.block.to_q.lora_B.weight", [4, 2]],
      ["unet.block.conv.lora_A.weight", [2, 2, 3, 3]],
      ["unet.block.conv.lora_B.weight", [3, 2, 1, 1]],
    ]);
    const variables = [...lora.parameters.values()].slice(0, 2);
    const { value, grads } = tf.tidy(() =>
      tf.variableGrads(() => model.q(x).square().sum().asScalar(), variables),
    );
    expect(Object.keys(grads)).to.have.members(variables.map(({ name }) => name));
    expect(largest(grads[variables[0]!.name]!), "up is zero").to.equal(0);
    expect(largest(grads[variables[1]!.name]!)).to.be.above(0.01);
    lora.dispose();
    model.dispose();
    tf.dispose([x, value, grads]);
  });

  it("gives the same gradients through a checkpoint", async () => {
    const model = smallModel();
    const lora = addLora({ unet: model }, { rank: 2, seed: 1, targets: ["to_q"] });
    const variables = [...lora.parameters.values()];
    const gradients = (run: (x: tf.Tensor) => tf.Tensor): tf.Tensor[] =>
      tf.tidy(() => {
        const x = tf.tensor2d(wave([2, 3], 0), [2, 3]);
        const { grads } = tf.variableGrads(() => run(x).square().sum().asScalar(), variables);
        return variables.map(({ name }) => grads[name]!);
      });
    const plain = gradients((x) => model.q(x));
    const again = gradients((x) => checkpoint((input) => model.q(input!), [x]));
    for (const [i, gradient] of again.entries()) await expectClose(gradient, plain[i]!, 1e-6);
    lora.dispose();
    model.dispose();
    tf.dispose([plain, again]);
  });

  it("draws the same first values from the same seed and layer", async () => {
    const values = async (options: LoraOptions): Promise<unknown> => {
      const model = smallModel();
      const lora = addLora({ unet: model }, options);
      const layers = await readLoraLayers(lora.layers);
      lora.dispose();
      model.dispose();
      return layers.get("unet.block.to_q");
    };
    const first = await values({ rank: 2, seed: 1, targets: ["to_q"] });
    expect(await values({ rank: 2, seed: 1, targets: ["to_q", "conv"] })).to.deep.equal(first);
    expect(await values({ rank: 2, seed: 2, targets: ["to_q"] })).not.to.deep.equal(first);
  });

  const wrong: readonly [options: Partial<LoraOptions>, message: string][] = [
    [{ rank: 0 }, "rank >= 1 and alpha > 0, got rank 0"],
    [{ rank: 1.5 }, "got rank 1.5"],
    [{ alpha: -1 }, "alpha -1"],
    [{ targets: ["to_q", "to_z"] }, 'no layer is called "to_z" (did you mean "to_q"?)'],
    [{ targets: ["_q"] }, 'no layer is called "_q"'],
    [{ targets: ["norm"] }, 'LoRA to "unet.norm": expected a linear layer or a convolution'],
    [{ targets: ["table"] }, "got embedding"],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      const model = smallModel();
      expect(() => addLora({ unet: model }, { rank: 2, seed: 1, ...options })).to.throw(
        RangeError,
        message,
      );
      model.dispose();
    });
  }

  it("refuses layers that do not fit the models, and names them all", () => {
    const model = smallModel();
    const factors = (down: number[], up: number[]) => ({
      down: host(new Array<number>(down[0]! * down[1]!).fill(0), down),
      up: host(new Array<number>(up[0]! * up[1]!).fill(0), up),
      alpha: 1,
    });
    const stored = new Map([
      ["unet.block.to_k", factors([2, 3], [4, 2])],
      ["unet.block.to_q", factors([2, 5], [4, 2])],
    ]);
    expect(() => addLoraLayers({ unet: model }, stored)).to.throw(
      RangeError,
      "2 layers do not fit: unet.block.to_k (not in the model); unet.block.to_q (down: expected [2, 3], got [2, 5])",
    );
    model.dispose();
  });
});

describe("mergeLora()", () => {
  it("does to weights what the branches do to results, for linear layers and convolutions", async () => {
    const model = smallModel();
    const lora = addLora(
      { unet: model },
      { rank: 2, alpha: 5, seed: 1, targets: ["to_q", "conv"] },
    );
    for (const { up } of lora.layers.values()) {
      tf.tidy(() => up.assign(tf.tensor(wave(up.shape, 2), up.shape)));
    }
    const x = tf.tensor2d(wave([2, 3], 0), [2, 3]);
    const image = tf.tensor4d(wave([1, 2, 6, 6], 1), [1, 2, 6, 6]);
    const run = (): tf.Tensor[] => tf.tidy(() => [model.q(x), model.conv(image)]);
    const beside = run();
    const stored = await readLoraLayers(lora.layers);
    lora.dispose();
    const merge = mergeLora({ unet: model });
    merge.merge(stored);
    const merged = run();
    for (const [i, result] of merged.entries()) await expectClose(result, beside[i]!, 1e-5);
    merge.dispose();
    model.dispose();
    tf.dispose([x, image, beside, merged]);
  });

  it("adds several up, and takes each off in any order", async () => {
    const scope = new ParameterScope({ seed: 5 });
    linear(scope.at("proj"), 2, 1, { bias: false });
    const weight = scope.parameters.get("proj.weight")!;
    tf.tidy(() => weight.assign(tf.tensor2d([[0.1, 0.2]])));
    const [one, two] = [1, 10].map(
      (size) =>
        new Map([
          ["unet.proj", { down: host([size, size], [1, 2]), up: host([1], [1, 1]), alpha: 1 }],
        ]),
    );
    const merge = mergeLora({ unet: { parameters: scope.parameters } });
    merge.merge(one!);
    merge.merge(two!, 0.5);
    await expectClose(weight, [[6.1, 6.2]]);
    merge.unmerge(one!);
    await expectClose(weight, [[5.1, 5.2]]);
    merge.unmerge(two!);
    expect([...weight.dataSync()]).to.deep.equal([Math.fround(0.1), Math.fround(0.2)]);
    merge.dispose();
    tf.dispose([...scope.parameters.values()]);
  });
});

function* prefixed(parameters: Parameters, path: string): Generator<[string, tf.Variable]> {
  for (const [name, variable] of parameters) yield [`${path}.${name}`, variable];
}
