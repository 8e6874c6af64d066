import * as tf from "@tensorflow/tfjs";
import { afterEach, describe, it } from "mocha";

import { useBackend } from "../../../../framework/backend/register.ts";
import {
  attention,
  chunkedAttention,
  conv2d,
  embedding,
  gelu,
  groupNorm,
  layerNorm,
  resizeBilinear,
  rmsNorm,
  silu,
  softmaxCrossEntropy,
  upsampleNearest,
  upsampleNearest2x,
} from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  tapeGradients,
} from "../../../support/gradients.ts";

interface Case {
  title: string;
  /** Shapes of the inputs, by name. */
  shapes: Record<string, number[]>;
  run: (inputs: tf.NamedTensorMap) => tf.Tensor;
}

const cases: Case[] = [
  { title: "silu()", shapes: { x: [2, 4] }, run: ({ x }) => silu(x!) },
  ...(["none", "tanh", "quick"] as const).map((approximate): Case => ({
    title: `gelu("${approximate}")`,
    shapes: { x: [2, 4] },
    run: ({ x }) => gelu(x!, approximate),
  })),
  {
    title: "layerNorm()",
    shapes: { x: [2, 5], scale: [5], offset: [5] },
    run: ({ x, scale, offset }) => layerNorm(x!, scale!, offset!, { epsilon: 0.1 }),
  },
  {
    title: "rmsNorm()",
    shapes: { x: [2, 5], scale: [5] },
    run: ({ x, scale }) => rmsNorm(x!, scale!, { epsilon: 0.1 }),
  },
  ...(["none", "silu"] as const).map((activation): Case => ({
    title: `groupNorm() with activation ${activation}`,
    shapes: { x: [2, 4, 3], scale: [4], offset: [4] },
    run: ({ x, scale, offset }) =>
      groupNorm(x!, scale!, offset!, { groups: 2, epsilon: 0.1, activation }),
  })),
  ...[false, true].map((causal): Case => ({
    title: `attention(), causal ${causal}`,
    shapes: { q: [1, 2, 3, 2], k: [1, 2, 3, 2], v: [1, 2, 3, 2] },
    run: ({ q, k, v }) => attention(q!, k!, v!, { scale: 0.5, causal }),
  })),
  {
    title: "chunkedAttention()",
    shapes: { q: [1, 2, 3, 2], k: [1, 2, 3, 2], v: [1, 2, 3, 2] },
    run: ({ q, k, v }) =>
      chunkedAttention(
        { q: q!, k: k!, v: v!, mask: normals("mask", [1, 1, 3, 3]) },
        { scale: 0.5, causal: true, rows: 2 },
      ),
  },
  {
    title: "softmaxCrossEntropy()",
    shapes: { logits: [3, 4] },
    run: ({ logits }) => softmaxCrossEntropy(logits!, tf.tensor([2, -100, 0], [3], "int32")),
  },
  {
    title: "embedding()",
    shapes: { table: [3, 2] },
    run: ({ table }) => embedding(table!, tf.tensor([2, 0, 2], [3], "int32")),
  },
  {
    title: "conv2d()",
    shapes: { x: [1, 2, 4, 3], filter: [2, 2, 3, 2], bias: [2] },
    run: ({ x, filter, bias }) =>
      conv2d(x!, filter!, bias, { strides: [2, 1], pads: [1, 0, 0, 1] }),
  },
  {
    title: "resizeBilinear()",
    shapes: { x: [1, 2, 2, 3] },
    run: ({ x }) => resizeBilinear(x!, [3, 5]),
  },
  {
    title: "upsampleNearest()",
    shapes: { x: [1, 1, 2, 2] },
    run: ({ x }) => upsampleNearest(x!, 3),
  },
  {
    title: "upsampleNearest2x()",
    shapes: { x: [1, 1, 2, 2] },
    run: ({ x }) => upsampleNearest2x(x!),
  },
];

/**
 * A number that each of the gradients of `run` squared takes part in, in its own way. Squared, as
 * what is linear in an input has no second gradient by it.
 */
function gradientSum({ run }: Case, inputs: tf.NamedTensorMap): tf.Scalar {
  return tf.tidy(() => {
    const dy = normals("dy", run(inputs).shape);
    const squared = (map: tf.NamedTensorMap): tf.Tensor => run(map).square();
    const gradients = Object.entries(tapeGradients(squared, inputs, dy));
    const terms = gradients.map(([name, gradient]) =>
      gradient.mul(normals(`d${name}`, gradient.shape)).sum(),
    );
    return tf.addN(terms).asScalar();
  });
}

function inputsOf({ shapes }: Case): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, normals(name, shape)]),
  );
}

/** Second gradients as numbers, by the backend that is active. */
function secondGradients(each: Case): Map<string, tf.TensorBuffer<tf.Rank>> {
  const gradients = tf.tidy(() => {
    const sum = (inputs: tf.NamedTensorMap): tf.Tensor => gradientSum(each, inputs);
    return tapeGradients(sum, inputsOf(each), tf.scalar(1));
  });
  const read = Object.entries(gradients).map(
    ([name, gradient]): [string, tf.TensorBuffer<tf.Rank>] => [name, gradient.bufferSync()],
  );
  tf.dispose(gradients);
  return new Map(read);
}

describe("second gradients", () => {
  afterEach(() => tf.setBackend("cpu"));

  for (const each of cases) {
    it(`of ${each.title} are those of finite differences`, async () => {
      const inputs = inputsOf(each);
      const one = tf.scalar(1);
      await expectNumericGradients((map) => gradientSum(each, map), inputs, one);
      tf.dispose([inputs, one]);
    });

    it(`of ${each.title} agree on the backend ort`, async () => {
      const expected = secondGradients(each);
      await useBackend("ort", { threads: 2 });
      const actual = secondGradients(each);
      await tf.setBackend("cpu");
      const tensors = (buffers: typeof expected): tf.NamedTensorMap =>
        Object.fromEntries(Array.from(buffers, ([name, buffer]) => [name, buffer.toTensor()]));
      tf.tidy(() => expectSameGradients(tensors(actual), tensors(expected), 1e-4));
    });
  }
});
