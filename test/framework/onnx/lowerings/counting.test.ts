import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { useBackend } from "../../../../framework/backend/register.ts";
import * as counting from "../../../../framework/onnx/lowerings/counting.ts";
import {
  bools,
  floats,
  ints,
  onOrt,
  parityTests,
  refusalTests,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

const none = floats([]);
const numbers = ints([3, 1, 0, 1, 7, 3, 1]);
const weights = floats([0.5, 1, 2, 0.25, 9, -3, 1]);
const large = ints([16_777_217, 1, 2, 3, 4, 5, 6]);

const bincount = (title: string, x: HostInput, w: HostInput, size: number): Row => ({
  kernel: "Bincount",
  title,
  inputs: [x, w],
  run: (a, b) => tf.bincount(a!.as1D(), b!.as1D(), size),
});

const denseBincount = (
  title: string,
  [x, w]: [HostInput, HostInput],
  size: number,
  binary = false,
): Row => ({
  kernel: "DenseBincount",
  title,
  inputs: [x, w],
  run: (a, b) => {
    const [rows = 1, columns] = a!.shape;
    return columns === undefined
      ? tf.denseBincount(a!.as1D(), b!.as1D(), size, binary)
      : tf.denseBincount(
          a!.as2D(rows, columns),
          b!.size > 0 ? b!.as2D(rows, columns) : b!.as1D(),
          size,
          binary,
        );
  },
});

const table = ints([2, 0, 2, 5, 1, 1], [2, 3]);
const rows: Row[] = [
  bincount("without weights", numbers, none, 8),
  bincount("without weights, int32", numbers, ints([]), 8),
  bincount("large numbers left out", numbers, none, 3),
  bincount("more places than numbers", numbers, none, 12),
  bincount("weights", numbers, weights, 8),
  bincount("int32 weights, exactly", numbers, large, 8),
  bincount("NaN stays in its place", numbers, floats([NaN, 1, 1, 1, Infinity, 1, 1]), 8),
  {
    ...bincount("bool weights", numbers, bools([1, 0, 1, 1, 1, 1, 0]), 8),
    fallback: true,
  },
  denseBincount("one row", [numbers, none], 4),
  denseBincount("one row with weights", [numbers, weights], 8),
  denseBincount("one row, which is never binary", [numbers, none], 4, true),
  denseBincount("rows", [table, none], 4),
  denseBincount("rows with weights", [table, floats([1, 2, 3, 4, 5, 6], [2, 3])], 6),
  denseBincount("binary rows", [table, floats([1, 2, 3, 4, 5, 6], [2, 3])], 4, true),
  denseBincount("rows of int32", [table, ints([1, 2, 16_777_217, 4, 5, 6], [2, 3])], 6),
];

parityTests("counting.ts", counting, rows);

refusalTests("counting.ts", {
  "a number below 0": () => tf.bincount([1, -1], [], 3),
  "a number below 0 in a table": () => tf.denseBincount([[1, -1]], [], 3),
});

describe("Bincount", () => {
  onOrt();
  it("fails when it has run, of a number below 0 that it cannot know before", () => {
    const counts = tf.tidy(() => {
      const x = tf.tensor1d([2, 1], "int32").sub(tf.scalar(2, "int32")).as1D();
      return tf.bincount(x, tf.tensor1d([]), 3);
    });
    expect(() => counts.dataSync()).to.throw("Bincount");
    counts.dispose();
  });

  it("compiles with weights that have no elements", async () => {
    const { compile } = await useBackend("ort");
    const outside = tf.tensor1d([]);
    const count = compile(({ x }: { x: tf.Tensor }) => ({
      inside: tf.bincount(x.as1D(), tf.tensor1d([]), 3),
      outside: tf.bincount(x.as1D(), outside, 3),
    }));
    const x = tf.tensor1d([2, 0, 2], "int32");
    const counts = await count({ x });
    expect([...counts.inside.dataSync()]).to.deep.equal([1, 0, 2]);
    expect([...counts.outside.dataSync()]).to.deep.equal([1, 0, 2]);
    count.dispose();
    tf.dispose([x, outside, counts]);
  });
});
