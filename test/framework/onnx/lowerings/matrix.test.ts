import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import * as matrix from "../../../../framework/onnx/lowerings/matrix.ts";
import {
  ints,
  normal,
  onOrt,
  parityTests,
  refusalTests,
  tensorOf,
  type Row,
} from "../../../support/parity.ts";
import { expectClose } from "../../../support/tensors.ts";

const transposes = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** A matrix of these axes, or its transpose. */
function shapeOf(batch: number[], rows: number, columns: number, transposed: boolean): number[] {
  return transposed ? [...batch, columns, rows] : [...batch, rows, columns];
}

const batches: [number[], number[]][] = [
  [[], []],
  [[3], [3]],
  [[3], [1]],
  [[1], [3]],
  [[], [3]],
];

const rows: Row[] = transposes.flatMap(([transposeA, transposeB]) =>
  batches.map(([a, b]): Row => ({
    kernel: "BatchMatMul",
    title: `batches [${a.join(", ")}] and [${b.join(", ")}], transposed ${transposeA}, ${transposeB}`,
    inputs: [normal(shapeOf(a, 4, 5, transposeA), "a"), normal(shapeOf(b, 5, 2, transposeB), "b")],
    run: (x, y) => tf.matMul(x!, y!, transposeA, transposeB),
    // TF.js does not sum the gradient over batches that broadcast.
    gradient: a.join() === b.join(),
  })),
);

const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;

for (const activation of activations) {
  rows.push({
    kernel: "_FusedMatMul",
    title: activation,
    inputs: [normal([2, 5, 3], "a"), normal([2, 5, 4], "b"), normal([4], "bias"), normal([4], "s")],
    run: (a, b, bias, slopes) =>
      tf.fused.matMul({
        a: a!,
        b: b!,
        transposeA: true,
        bias: bias!,
        activation,
        leakyreluAlpha: 0.3,
        ...(activation === "prelu" ? { preluActivationWeights: slopes! } : {}),
      }),
    gradient: false, // with a gradient TF.js runs the parts
  });
}

const equations: [string, number[][]][] = [
  [
    "ij,jk->ik",
    [
      [2, 3],
      [3, 4],
    ],
  ],
  [
    "bij, bkj -> bki",
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
  ],
  [
    "bhqd,bhkd->bhqk",
    [
      [1, 2, 3, 4],
      [1, 2, 5, 4],
    ],
  ],
  ["i,j->ij", [[3], [4]]],
  ["ij->ji", [[3, 4]]],
  ["ijk->j", [[2, 3, 4]]],
  [
    "ij,ij->",
    [
      [2, 3],
      [2, 3],
    ],
  ],
];

for (const [equation, shapes] of equations) {
  rows.push({
    kernel: "Einsum",
    title: equation,
    inputs: shapes.map((shape, i) => normal(shape, `operand ${i}`)),
    run: (...operands) => tf.einsum(equation, ...operands),
  });
}

rows.push({
  kernel: "BatchMatMul",
  title: "int32",
  inputs: [ints([1, 2, 3, 4], [2, 2]), ints([1, 2, 3, 4], [2, 2])],
  run: (a, b) => tf.matMul(a!, b!),
  fallback: true,
});

parityTests("matrix.ts", matrix, rows);

describe("BatchMatMul", () => {
  onOrt();
  it("broadcasts batch axes of both sides, where TF.js's CPU kernel repeats the wrong ones", async () => {
    const a = tensorOf(normal([2, 1, 4, 5], "a"));
    const b = tensorOf(normal([1, 3, 5, 2], "b"));
    const product = tf.matMul(a, b);
    const whole = tf.tidy(() => tf.matMul(tf.tile(a, [1, 3, 1, 1]), tf.tile(b, [2, 1, 1, 1])));
    await expectClose(product, whole);
    tf.dispose([a, b, product, whole]);
  });
});

refusalTests("matrix.ts", {
  "other inner lengths": () => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])),
  "other inner lengths, transposed": () => tf.matMul(tf.ones([2, 3]), tf.ones([2, 2]), false, true),
  "other inner lengths, fused": () =>
    tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([2, 3]), activation: "relu" }),
  "a vector": () => tf.matMul(tf.ones([2, 3]), tf.ones([3])),
  "other batches": () => tf.matMul(tf.ones([2, 2, 3]), tf.ones([3, 3, 2])),
  "an equation of fewer tensors": () => tf.einsum("ij->i", tf.ones([2, 2]), tf.ones([2, 2])),
  "an equation of three tensors": () =>
    tf.einsum("ij,jk,kl->il", tf.ones([2, 2]), tf.ones([2, 2]), tf.ones([2, 2])),
  "an equation of other ranks": () => tf.einsum("ijk->i", tf.ones([2, 2])),
  "an equation of other lengths": () => tf.einsum("ij,jk->ik", tf.ones([2, 3]), tf.ones([2, 2])),
  "an equation with an unknown letter": () => tf.einsum("ij->k", tf.ones([2, 2])),
  "an equation of two arrows": () => tf.einsum("ij->i->j", tf.ones([2, 2])),
});
