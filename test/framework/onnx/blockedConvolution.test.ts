import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { channelBlock } from "../../../framework/backend/channelBlock.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { Graph } from "../../../framework/graph/graph.ts";
import { conv2d } from "../../../framework/nn/ops/index.ts";
import { canBeBlocked, paysBlocked } from "../../../framework/onnx/blockedConvolution.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";
import { SeedbedConv2d } from "../../../framework/onnx/lowerings/convolution.ts";
import { expectClose, wave } from "../../support/tensors.ts";

const [batch, channels, filters, side] = [4, 16, 32, 32];

/** Operators of a convolution, with their domains. */
function operatorsOf(block: number | undefined, outputs = filters): string[] {
  const builder = new GraphBuilder(new Graph(), { channelBlock: block });
  const x = builder.graph.input("float32", [batch, channels, side, side]);
  const filter = builder.graph.input("float32", [outputs, channels, 3, 3]);
  SeedbedConv2d(builder, { x, filter }, { strides: [1, 1], pads: [1, 1, 1, 1] });
  return builder.graph.nodes.map(({ domain, op }) => `${domain} ${op}`);
}

describe("a convolution in blocks of channels", () => {
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });
  after(() => tf.setBackend("cpu"));

  it("is used where the runtime has the layout, filters are few and whole blocks", () => {
    expect(operatorsOf(8)).to.include("com.microsoft.nchwc Conv");
    expect(operatorsOf(undefined)).to.deep.equal([" Conv"]);
    expect(operatorsOf(8, 36)).to.deep.equal([" Conv"]);
    expect(operatorsOf(8, 128)).to.deep.equal([" Conv"]);
  });

  it("has the value and the gradients of the plain one", async () => {
    const inputs = {
      x: tf.tensor(wave([batch, channels, side, side], 0), [batch, channels, side, side]),
      filter: tf.tensor(wave([filters, channels, 3, 3], 1), [filters, channels, 3, 3]),
      bias: tf.tensor(wave([filters], 2), [filters]),
      weight: tf.tensor(wave([batch, filters, side, side], 3), [batch, filters, side, side]),
    };
    const work = ({ x, filter, bias, weight }: tf.NamedTensorMap): tf.NamedTensorMap => {
      const weighted = (...[image, taps, offset]: tf.Tensor[]): tf.Tensor =>
        conv2d(image!, taps!, offset, { pads: [1, 1, 1, 1] }).mul(weight!);
      const y = conv2d(x!, filter!, bias, { pads: [1, 1, 1, 1] });
      const [dx, dfilter, dbias] = tf.grads(weighted)([x!, filter!, bias!]);
      return { y, dx: dx!, dfilter: dfilter!, dbias: dbias! };
    };
    const compiled = compile(work);
    const [ours, plain] = [await compiled(inputs), tf.tidy(() => work(inputs))];
    for (const [name, tensor] of Object.entries(ours)) {
      const largest = tf.tidy(() => plain[name]!.abs().max().dataSync()[0]!);
      await expectClose(tensor, plain[name]!, 1e-5 * largest);
    }
    compiled.dispose();
    tf.dispose([ours, plain, inputs]);
  });
});

describe("channelBlock()", () => {
  it("is a number of channels that the runtime takes, or nothing", () => {
    const block = channelBlock();
    expect(process.arch === "x64" ? [8, 16] : [undefined, 4, 8, 16, 32]).to.include(block);
    if (block === undefined) return;
    const builder = new GraphBuilder(new Graph(), { channelBlock: block });
    const shape = [4, 2 * block, side, side];
    const x = builder.graph.input("float32", shape);
    const filter = builder.graph.input("float32", [block, 2 * block, 3, 3]);
    expect(canBeBlocked(builder, x, filter)).to.equal(true);
    expect(paysBlocked(x, filter, [side, side])).to.equal(true);
  });
});
