import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import * as matrix from "../../../../framework/onnx/lowerings/matrix.ts";
import { ints, normal, onOrt, parityTests, tensorOf, type Row } from "../../../support/parity.ts";
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
