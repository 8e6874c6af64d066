import * as tf from "@tensorflow/tfjs";

import * as movement from "../../../../framework/onnx/lowerings/movement.ts";
import {
  bools,
  floats,
  ints,
  normal,
  parityTests,
  refusalTests,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

const shapes = [[3], [2, 3], [2, 3, 4], [2, 1, 3, 2], [2, 1, 3, 1, 2]];
const row = (
  kernel: string,
  title: string,
  inputs: HostInput[],
  run: Row["run"],
  rest: Partial<Row> = {},
): Row => ({ kernel, title, inputs, run, ...rest });

const transposes: Row[] = [
  ...shapes
    .slice(1)
    .map((shape) =>
      row("Transpose", `rank ${shape.length}, reversed`, [normal(shape)], (x) => tf.transpose(x!)),
    ),
  row("Transpose", "a permutation that is not its inverse", [normal([2, 3, 4])], (x) =>
    tf.transpose(x!, [2, 0, 1]),
  ),
  row("Transpose", "int32", [ints([1, 2, 3, 4, 5, 6], [2, 3])], (x) => tf.transpose(x!)),
  row("Transpose", "bool", [bools([1, 0, 0, 1, 1, 0], [2, 3])], (x) => tf.transpose(x!)),
];

const huge = floats([NaN, Infinity, -Infinity, 2147483647, 3e9, -3e9, 1e12, 1.9, -1.9]);
const casts: Row[] = [
  row("Cast", "float32 to int32, towards zero", [huge], (x) => tf.cast(x!, "int32"), {
    gradient: false, // the gradient of an integer
  }),
  row("Cast", "float32 to bool", [floats([NaN, 0, -0, 0.1, -2])], (x) => tf.cast(x!, "bool"), {
    gradient: false,
  }),
  row("Cast", "int32 to float32", [ints([-3, 0, 16777217])], (x) => tf.cast(x!, "float32")),
  row("Cast", "int32 to bool", [ints([-3, 0, 5])], (x) => tf.cast(x!, "bool")),
  row("Cast", "bool to float32", [bools([1, 0])], (x) => tf.cast(x!, "float32")),
  row("Cast", "bool to int32", [bools([1, 0])], (x) => tf.cast(x!, "int32")),
];

const joins: Row[] = [
  ...[0, 1, -1].map((axis) =>
    row("Concat", `axis ${axis}`, [normal([2, 3], "a"), normal([2, 3], "b")], (a, b) =>
      tf.concat([a!, b!], axis),
    ),
  ),
  row("Concat", "lengths that differ", [normal([2, 1], "a"), normal([2, 3], "b")], (a, b) =>
    tf.concat([a!, b!], 1),
  ),
  row("Concat", "bool", [bools([1, 0]), bools([0])], (a, b) => tf.concat([a!, b!])),
  row("Concat", "rank 5", [normal([1, 2, 1, 2, 1], "a"), normal([1, 2, 3, 2, 1], "b")], (a, b) =>
    tf.concat([a!, b!], 2),
  ),
  ...[0, 1, 2, -1].map((axis) =>
    row("Pack", `axis ${axis}`, [normal([2, 3], "a"), normal([2, 3], "b")], (a, b) =>
      tf.stack([a!, b!], axis),
    ),
  ),
  row("Pack", "scalars", [normal([], "a"), normal([], "b")], (a, b) => tf.stack([a!, b!])),
  ...[0, 1, -1].map((axis) =>
    row("Unpack", `axis ${axis}`, [normal([2, 3, 2])], (x) => tf.unstack(x!, axis)),
  ),
  row("SplitV", "equal parts", [normal([2, 6])], (x) => tf.split(x!, 3, 1)),
  row("SplitV", "sizes, one of them to be inferred", [normal([2, 6])], (x) =>
    tf.split(x!, [1, -1, 2], -1),
  ),
  row("SplitV", "int32", [ints([1, 2, 3, 4])], (x) => tf.split(x!, 2)),
];

const slices: Row[] = [
  row("Slice", "rank 1", [normal([5])], (x) => tf.slice(x!, 1, 3)),
  row("Slice", "rank 3", [normal([2, 3, 4])], (x) => tf.slice(x!, [1, 0, 1], [1, 2, 3])),
  row("Slice", "sizes to the end", [normal([2, 3, 4])], (x) => tf.slice(x!, [0, 1], [-1, -1])),
  row("Slice", "a begin for the first axis alone", [normal([3, 2])], (x) => tf.slice(x!, 1)),
  row("Slice", "all of it", [normal([3, 2])], (x) => tf.slice(x!, [0, 0])),
  row("Slice", "rank 5", [normal([2, 2, 2, 2, 2])], (x) =>
    tf.slice(x!, [0, 1, 0, 1, 0], [2, 1, 2, 1, 1]),
  ),
  row("Slice", "bool", [bools([1, 0, 1])], (x) => tf.slice(x!, 1)),
  row("Slice", "nothing", [normal([3, 2])], (x) => tf.slice(x!, [1, 0], [0, 2]), {
    fallback: true,
    gradient: false, // an empty result passes no gradient
  }),
  row("Reverse", "last axis", [normal([2, 3])], (x) => tf.reverse(x!, -1)),
  row("Reverse", "several axes", [normal([2, 3, 4])], (x) => tf.reverse(x!, [0, 2])),
  row("Reverse", "all axes", [normal([2, 3])], (x) => tf.reverse(x!)),
  row("Reverse", "int32", [ints([1, 2, 3])], (x) => tf.reverse(x!)),
];

const repeats: Row[] = [
  ...shapes.map((shape) =>
    row(
      "Tile",
      `rank ${shape.length}`,
      [normal(shape)],
      (x) =>
        tf.tile(
          x!,
          shape.map((_, axis) => (axis % 2) + 1),
        ),
      { gradient: shape.length <= 4 }, // TF.js has none above rank 4
    ),
  ),
  row("Tile", "int32", [ints([1, 2])], (x) => tf.tile(x!, [3])),
  row("Tile", "what broadcasting makes of it", [normal([2, 1, 3])], (x) =>
    tf.broadcastTo(x!, [2, 4, 3]),
  ),
  row("PadV2", "rank 1", [normal([3])], (x) => tf.pad(x!, [[1, 2]], 5)),
  row("PadV2", "rank 4", [normal([1, 2, 2, 1])], (x) =>
    tf.pad(x!, [
      [0, 0],
      [1, 2],
      [0, 1],
      [1, 0],
    ]),
  ),
  row("PadV2", "nothing", [normal([3])], (x) => tf.pad(x!, [[0, 0]])),
  row("PadV2", "int32", [ints([1, 2])], (x) => tf.pad(x!, [[1, 1]], -3)),
  row("PadV2", "bool", [bools([1, 1])], (x) => tf.pad(x!, [[1, 0]]), { fallback: true }),
];

const constants: Row[] = [
  row("Fill", "float32", [], () => tf.fill([2, 3], 1.5)),
  row("Fill", "int32", [], () => tf.fill([2], -7, "int32")),
  row("Fill", "a scalar", [], () => tf.fill([], 2)),
  row("ZerosLike", "float32", [normal([2, 3])], (x) => tf.zerosLike(x!)),
  row("ZerosLike", "bool", [bools([1, 0])], (x) => tf.zerosLike(x!)),
  row("OnesLike", "int32", [ints([3, 4])], (x) => tf.onesLike(x!)),
  row("OnesLike", "rank 5", [normal([1, 2, 1, 2, 1])], (x) => tf.onesLike(x!)),
];

const gathers: Row[] = [
  row("GatherV2", "first axis, repeated rows", [normal([3, 2]), ints([2, 0, 2])], (x, i) =>
    tf.gather(x!, i!),
  ),
  row("GatherV2", "last axis", [normal([2, 3, 4]), ints([3, 0])], (x, i) => tf.gather(x!, i!, -1)),
  row("GatherV2", "indices of rank 2", [normal([4, 3]), ints([0, 1, 3, 3], [2, 2])], (x, i) =>
    tf.gather(x!, i!),
  ),
  row("GatherV2", "a scalar index", [normal([4, 3]), ints([2], [])], (x, i) => tf.gather(x!, i!), {
    gradient: false, // TF.js's own gradient fails on a scalar index
  }),
  row("GatherV2", "int32", [ints([5, 6, 7]), ints([1, 1])], (x, i) => tf.gather(x!, i!)),
  row(
    "GatherV2",
    "a batch axis",
    [normal([2, 3]), ints([0, 2, 1, 1], [2, 2])],
    (x, i) => tf.gather(x!, i!, 1, 1),
    { fallback: true, gradient: false }, // the same in both: the CPU kernel's
  ),
  row(
    "UnsortedSegmentSum",
    "rank 3, an empty segment",
    [normal([4, 2, 3]), ints([2, 0, 2, 3])],
    (x, ids) => tf.unsortedSegmentSum(x!, tf.cast(ids!, "int32").as1D(), 5),
  ),
  row("UnsortedSegmentSum", "rank 1", [normal([4]), ints([1, 1, 0, 1])], (x, ids) =>
    tf.unsortedSegmentSum(x!, ids!.as1D(), 2),
  ),
  row(
    "UnsortedSegmentSum",
    "ids to leave out",
    [normal([3]), ints([-1, 0, 7])],
    (x, ids) => tf.unsortedSegmentSum(x!, ids!.as1D(), 2),
    { gradient: false }, // TF.js gathers at 7
  ),
  row("OneHot", "float32, out of range", [ints([0, 2, -1, 5])], (x) =>
    tf.oneHot(x!, 3, 2, -1, "float32"),
  ),
  row("OneHot", "int32 of rank 2", [ints([0, 1, 2, 1], [2, 2])], (x) => tf.oneHot(x!, 3)),
  row("OneHot", "bool", [ints([0, 1])], (x) => tf.oneHot(x!, 2, 1, 0, "bool"), { fallback: true }),
];

parityTests("movement.ts", movement, [
  ...transposes,
  ...casts,
  ...joins,
  ...slices,
  ...repeats,
  ...constants,
  ...gathers,
]);

refusalTests("movement.ts", {
  "to concatenate other lengths": () => tf.concat([tf.ones([2, 2]), tf.ones([1, 2])], 1),
  "to stack other shapes": () => tf.stack([tf.ones([2]), tf.ones([3])]),
  "to stack other types": () => tf.stack([tf.ones([2]), tf.ones([2], "int32")]),
  "to split into two rests": () => tf.split(tf.ones([4]), [1, -1, -1]),
  "to split into less than there is": () => tf.split(tf.ones([4]), [1, 2]),
  "to slice past the end": () => tf.slice(tf.ones([2, 3]), [1, 1], [1, 3]),
  "to slice before the start": () => tf.slice(tf.ones([2, 3]), [-1, 0], [1, 1]),
  "to reverse an axis that there is not": () => tf.reverse(tf.ones([2, 3]), [2]),
  "to gather past the end": () => tf.gather(tf.ones([2, 3]), [3], 1),
  "to gather before the start": () => tf.gather(tf.ones([2, 3]), tf.tensor1d([-1], "int32")),
});
