import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { planPrograms } from "../../../framework/backend/plan.ts";
import { record } from "../../../framework/backend/recording.ts";
import { ortBackend, useBackend } from "../../../framework/backend/register.ts";
import { Graph, programFor, type Program } from "../../../framework/graph/graph.ts";
import { peakBytes } from "../../../framework/graph/peakBytes.ts";
import { attentionInParts } from "../../../framework/nn/ops/index.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";
import { SeedbedChunkedAttentionGradient } from "../../../framework/onnx/lowerings/attention.ts";
import { globalNorm } from "../../../framework/optim/clipping.ts";
import { runtimeOrder } from "../../support/runtimeOrder.ts";

const alive = (program: Program): number => peakBytes(program).released;

describe("what is alive at once in ONNX Runtime's order", () => {
  before(() => useBackend("ort", { threads: 2 }));

  it("grows little with the chunks of attention that are differentiated", () => {
    const peaks = [4, 16].map((chunks) => {
      const builder = new GraphBuilder(new Graph());
      const [dy, q, k, v, out] = Array.from({ length: 5 }, () =>
        builder.graph.input("float32", [1, 2, 256, 8]),
      );
      const mask = builder.graph.input("float32", [1, 1, 1, 1]);
      const attributes = { scale: 1, causal: false, rows: 256 / chunks };
      const inputs = { dy: dy!, q: q!, k: k!, v: v!, mask, out: out! };
      const results = SeedbedChunkedAttentionGradient(builder, inputs, attributes);
      return alive(runtimeOrder(programFor([results].flat().map((each) => each!))));
    });
    expect(peaks[1], "a chunk's probabilities are fewer").to.be.lessThan(peaks[0]!);
  });

  it("is of one part of attention after the other, with its gradients", () => {
    const backend = ortBackend("ort");
    const queries = 128;
    const [one, four] = [1, 4].map((heads) =>
      tf.tidy(() => {
        const [q, k, v] = Array.from({ length: 3 }, () => tf.ones([1, heads, queries, 8]));
        const attend = (...inputs: tf.Tensor[]): tf.Tensor =>
          attentionInParts(
            { q: inputs[0]!, k: inputs[1]!, v: inputs[2]!, mask: tf.zeros([1, 1, 1, 1]) },
            { scale: 1, causal: false },
            { heads: 1, queries },
          );
        const step = (given: tf.NamedTensorMap): tf.NamedTensorMap => {
          const gradients = tf.grads(attend)([given["q"]!, given["k"]!, given["v"]!]);
          return Object.fromEntries(gradients.entries());
        };
        const { outputs } = record(backend, step, { q: q!, k: k!, v: v! });
        const values = outputs.map(({ value }) => value);
        return alive(runtimeOrder(planPrograms(values, []).programs[0]!));
      }),
    );
    const probabilities = queries ** 2 * Float32Array.BYTES_PER_ELEMENT;
    expect(four! - one!).to.be.lessThan(probabilities);
  });

  it("is not more for a norm of all gradients, in whatever order it adds them", () => {
    const backend = ortBackend("ort");
    const size = 64;
    const weights = Array.from({ length: 12 }, () =>
      tf.tidy(() => tf.variable(tf.ones([size, size]))),
    );
    const step = ({ x }: { x: tf.Tensor }, names: readonly string[]): tf.NamedTensorMap => {
      const loss = (): tf.Scalar =>
        weights.reduce((y: tf.Tensor, w) => y.matMul(w).tanh(), x).sum<tf.Scalar>();
      const { grads } = tf.variableGrads(loss, weights);
      return { norm: globalNorm(names.map((name) => grads[name]!)) };
    };
    const names = weights.map(({ name }) => name);
    const x = tf.ones([size * 8, size]);
    const [forwards, backwards] = [names, names.toReversed()].map((order) =>
      tf.tidy(() => {
        const { outputs } = record(backend, (inputs: { x: tf.Tensor }) => step(inputs, order), {
          x,
        });
        const values = outputs.map(({ value }) => value);
        return alive(runtimeOrder(planPrograms(values, []).programs[0]!));
      }),
    );
    expect(forwards).to.equal(backwards);
    tf.dispose([x, ...weights]);
  });
});
