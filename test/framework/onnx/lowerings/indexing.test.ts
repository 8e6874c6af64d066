import * as tf from "@tensorflow/tfjs";

import * as indexing from "../../../../framework/onnx/lowerings/indexing.ts";
import {
  floats,
  ints,
  normal,
  parityTests,
  refusalTests,
  shuffled,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

const row = (
  kernel: string,
  title: string,
  inputs: HostInput[],
  run: Row["run"],
  rest: Partial<Row> = {},
): Row => ({ kernel, title, inputs, run, ...rest });

const slices: Row[] = [
  row("StridedSlice", "steps", [normal([7, 6])], (x) =>
    tf.stridedSlice(x!, [1, 0], [7, 6], [2, 3]),
  ),
  row("StridedSlice", "backwards to the first", [normal([5, 3])], (x) =>
    tf.stridedSlice(x!, [-1, 2], [-6, 0], [-1, -1]),
  ),
  row("StridedSlice", "backwards by two", [normal([6])], (x) =>
    tf.stridedSlice(x!, [5], [0], [-2]),
  ),
  row("StridedSlice", "masks", [normal([4, 5, 6])], (x) =>
    tf.stridedSlice(x!, [2, 1, 1], [3, 4, 5], [1, 2, 1], 0b001, 0b100),
  ),
  row("StridedSlice", "an ellipsis, a new axis and one that goes", [normal([4, 5, 6])], (x) =>
    tf.stridedSlice(x!, [0, 0, 1, 3], [0, 0, 4, 4], [1, 1, 1, 1], 0, 0, 0b0010, 0b0001, 0b1000),
  ),
  row("StridedSlice", "nothing changed", [normal([2, 3])], (x) =>
    tf.stridedSlice(x!, [0, 0], [2, 3], [1, 1]),
  ),
  row("StridedSlice", "int32", [ints([1, 2, 3, 4])], (x) => tf.stridedSlice(x!, [0], [4], [2])),
];

const mirrors = (["reflect", "symmetric"] as const).flatMap((mode): Row[] => [
  row("MirrorPad", `${mode}, rank 1`, [normal([4])], (x) => tf.mirrorPad(x!, [[2, 3]], mode)),
  row("MirrorPad", `${mode}, rank 3`, [normal([2, 3, 4])], (x) =>
    tf.mirrorPad(
      x!,
      [
        [1, 0],
        [2, 2],
        [0, 3],
      ],
      mode,
    ),
  ),
  row("MirrorPad", `${mode}, int32`, [ints([1, 2, 3])], (x) => tf.mirrorPad(x!, [[1, 1]], mode)),
]);

const gathers: Row[] = [
  row("GatherNd", "elements", [normal([3, 4]), ints([0, 1, 2, 3], [2, 2])], (x, i) =>
    tf.gatherND(x!, i!),
  ),
  row(
    "GatherNd",
    "rows, with a batch of indices",
    [normal([3, 4]), ints([0, 2, 2], [3, 1, 1])],
    (x, i) => tf.gatherND(x!, i!),
  ),
  row("GatherNd", "int32", [ints([5, 6, 7, 8], [2, 2]), ints([1, 0], [1, 2])], (x, i) =>
    tf.gatherND(x!, i!),
  ),
  row(
    "ScatterNd",
    "elements, two at one place",
    [ints([4, 3, 1, 4], [4, 1]), normal([4])],
    (i, u) => tf.scatterND(i!, u!, [8]),
  ),
  row("ScatterNd", "rows", [ints([0, 2], [2, 1]), normal([2, 3])], (i, u) =>
    tf.scatterND(i!, u!, [4, 3]),
  ),
  row("ScatterNd", "two axes of three", [ints([0, 1, 1, 0], [2, 2]), normal([2, 3])], (i, u) =>
    tf.scatterND(i!, u!, [2, 2, 3]),
  ),
  row(
    "ScatterNd",
    "int32",
    [ints([1, 1], [2, 1]), ints([3, 4])],
    (i, u) => tf.scatterND(i!, u!, [3]),
    { fallback: true },
  ),
];

function topk(x: tf.Tensor, k: number, sorted = true): tf.Tensor[] {
  const { values, indices } = tf.topk(x, k, sorted);
  return [values, indices];
}

const orders: Row[] = [
  row("TopK", "rank 1", [shuffled([9])], (x) => topk(x!, 4)),
  row("TopK", "rank 3", [shuffled([2, 3, 5])], (x) => topk(x!, 2)),
  row("TopK", "all, with equals", [floats([1, 3, 3, 1, 3], [1, 5])], (x) => topk(x!, 5)),
  row("TopK", "one of equals", [floats([1, 3, 3, 1, 3])], (x) => topk(x!, 2)),
  row("TopK", "int32", [shuffled([7], "int32")], (x) => topk(x!, 3)),
  row("TopK", "in no order", [shuffled([9])], (x) => topk(x!, 4, false), { fallback: true }),
  ...(["left", "right"] as const).flatMap((side): Row[] => [
    row("SearchSorted", side, [floats([0, 3, 3, 9, 10]), floats([3, -1, 10, 11, 4])], (x, values) =>
      tf.searchSorted(x!, values!, side),
    ),
    row(
      "SearchSorted",
      `${side}, int32, a sequence for each row`,
      [ints([0, 3, 9, 1, 2, 2], [2, 3]), ints([0, 4, 9, 2, 0, 5, 2, 1], [2, 4])],
      (x, values) => tf.searchSorted(x!, values!, side),
    ),
  ]),
  row("Diag", "rank 1", [normal([4])], (x) => tf.diag(x!)),
  row("Diag", "rank 2, int32", [ints([1, 2, 3, 4], [2, 2])], (x) => tf.diag(x!)),
  row("Diag", "NaN spreads no further", [floats([NaN, 1])], (x) => tf.diag(x!)),
];

const blocks: Row[] = [
  row("SpaceToBatchND", "padded", [normal([2, 3, 4, 2])], (x) =>
    tf.spaceToBatchND(
      x!,
      [2, 2],
      [
        [0, 1],
        [2, 0],
      ],
    ),
  ),
  row("SpaceToBatchND", "one axis", [normal([1, 6, 2])], (x) =>
    tf.spaceToBatchND(x!, [3], [[0, 0]]),
  ),
  row("BatchToSpaceND", "cropped", [normal([8, 2, 3, 2])], (x) =>
    tf.batchToSpaceND(
      x!,
      [2, 2],
      [
        [0, 1],
        [1, 0],
      ],
    ),
  ),
  row("BatchToSpaceND", "one axis", [normal([6, 2, 2])], (x) =>
    tf.batchToSpaceND(x!, [3], [[0, 0]]),
  ),
  row("DepthToSpace", "blocks of 2", [normal([2, 3, 2, 8])], (x) =>
    tf.depthToSpace(x!.as4D(2, 3, 2, 8), 2),
  ),
  row("DepthToSpace", "blocks of 3", [normal([1, 1, 2, 9])], (x) =>
    tf.depthToSpace(x!.as4D(1, 1, 2, 9), 3),
  ),
];

parityTests("indexing.ts", indexing, [...slices, ...mirrors, ...gathers, ...orders, ...blocks]);

refusalTests("indexing.ts", {
  "to gather from a scalar": () => tf.gatherND(tf.scalar(1), tf.tensor2d([0, 0], [2, 1], "int32")),
  "more indices than axes": () =>
    tf.gatherND(tf.ones([3, 2]), tf.tensor2d([0, 0, 0], [1, 3], "int32")),
});
