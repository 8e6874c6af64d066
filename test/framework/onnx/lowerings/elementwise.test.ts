import * as tf from "@tensorflow/tfjs";

import { sameShape } from "../../../../framework/base/shape.ts";
import * as elementwise from "../../../../framework/onnx/lowerings/elementwise.ts";
import {
  bools,
  floats,
  ints,
  normal,
  parityTests,
  refusalTests,
  uniform,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

const special = floats([NaN, Infinity, -Infinity, 0, -0, 1.5, -1.5]);
const signed = ints([-7, -1, 0, 1, 7, 2 ** 30]);
const ranks = [[], [3], [2, 3], [2, 1, 3], [2, 2, 1, 3], [1, 2, 2, 1, 3]];

/** Values within the domain of a function, at every rank from 0 to 5. */
function everyRank(
  kernel: string,
  run: (x: tf.Tensor) => tf.Tensor,
  low: number,
  high: number,
): Row[] {
  return ranks.map((shape) => ({
    kernel,
    title: `rank ${shape.length}`,
    inputs: [uniform(shape, low, high)],
    run,
  }));
}

/** The gradient there is infinite or NaN in one backend and large in the other. */
const noGradient = { gradient: false };

function atSpecialValues(kernel: string, run: (x: tf.Tensor) => tf.Tensor): Row {
  const title = "NaN, infinities and zeros";
  return { kernel, title, inputs: [special], run, ...noGradient };
}

interface Unary {
  kernel: string;
  run: (x: tf.Tensor) => tf.Tensor;
  domain: [number, number];
  /** Whether TF.js takes int32 here, and whether we lower it. */
  int32?: "lowered" | "fallback";
}

const unaries: Unary[] = [
  { kernel: "Abs", run: tf.abs, domain: [-3, 3], int32: "lowered" },
  { kernel: "Neg", run: tf.neg, domain: [-3, 3], int32: "lowered" },
  { kernel: "Relu", run: tf.relu, domain: [-3, 3], int32: "lowered" },
  { kernel: "Relu6", run: tf.relu6, domain: [-3, 9], int32: "lowered" },
  { kernel: "Sign", run: tf.sign, domain: [-3, 3], int32: "lowered" },
  { kernel: "Exp", run: tf.exp, domain: [-3, 3] },
  { kernel: "Log", run: tf.log, domain: [0.1, 9] },
  { kernel: "Sqrt", run: tf.sqrt, domain: [0.1, 9] },
  { kernel: "Rsqrt", run: tf.rsqrt, domain: [0.1, 9] },
  { kernel: "Square", run: tf.square, domain: [-3, 3], int32: "lowered" },
  { kernel: "Sin", run: tf.sin, domain: [-9, 9] },
  { kernel: "Cos", run: tf.cos, domain: [-9, 9] },
  { kernel: "Tan", run: tf.tan, domain: [-1.4, 1.4] },
  { kernel: "Asin", run: tf.asin, domain: [-0.9, 0.9] },
  { kernel: "Acos", run: tf.acos, domain: [-0.9, 0.9] },
  { kernel: "Atan", run: tf.atan, domain: [-9, 9] },
  { kernel: "Sinh", run: tf.sinh, domain: [-3, 3] },
  { kernel: "Cosh", run: tf.cosh, domain: [-3, 3] },
  { kernel: "Tanh", run: tf.tanh, domain: [-5, 5] },
  { kernel: "Asinh", run: tf.asinh, domain: [-9, 9] },
  { kernel: "Acosh", run: tf.acosh, domain: [1.1, 9] },
  { kernel: "Atanh", run: tf.atanh, domain: [-0.9, 0.9] },
  { kernel: "Sigmoid", run: tf.sigmoid, domain: [-9, 9] },
  { kernel: "Softplus", run: tf.softplus, domain: [-9, 9], int32: "fallback" },
  { kernel: "Erf", run: tf.erf, domain: [-3, 3] },
  { kernel: "Elu", run: tf.elu, domain: [-3, 3] },
  { kernel: "Reciprocal", run: tf.reciprocal, domain: [0.5, 3], int32: "fallback" },
  { kernel: "Floor", run: tf.floor, domain: [-3, 3] },
  { kernel: "Ceil", run: tf.ceil, domain: [-3, 3] },
  { kernel: "Round", run: tf.round, domain: [-3, 3], int32: "lowered" },
  { kernel: "IsNan", run: tf.isNaN, domain: [-3, 3], int32: "fallback" },
  { kernel: "IsFinite", run: tf.isFinite, domain: [-3, 3], int32: "fallback" },
  { kernel: "Selu", run: tf.selu, domain: [-3, 3], int32: "fallback" },
  { kernel: "Expm1", run: tf.expm1, domain: [-3, 3] },
  { kernel: "Log1p", run: tf.log1p, domain: [-0.9, 9] },
  { kernel: "IsInf", run: tf.isInf, domain: [-3, 3], int32: "fallback" },
  { kernel: "LeakyRelu", run: (x) => tf.leakyRelu(x, 0.3), domain: [-3, 3], int32: "lowered" },
  { kernel: "Step", run: (x) => tf.step(x, 0.5), domain: [-3, 3], int32: "fallback" },
  { kernel: "ClipByValue", run: (x) => tf.clipByValue(x, -1, 2), domain: [-3, 3] },
];

function unaryRows({ kernel, run, domain, int32 }: Unary): Row[] {
  const rows = [...everyRank(kernel, run, ...domain), atSpecialValues(kernel, run)];
  if (int32) {
    const fallback = int32 === "fallback";
    rows.push({ kernel, title: "int32", inputs: [ints([-7, -1, 0, 1, 7])], run, fallback });
  }
  return rows;
}

type Pair = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

interface Binary {
  kernel: string;
  run: Pair;
  positive?: boolean;
  int32: boolean;
  /** TF.js forgets to sum the gradient over what was repeated. */
  sameShapeGradient?: boolean;
}

const binaries: Binary[] = [
  { kernel: "Add", run: tf.add, int32: true },
  { kernel: "Sub", run: tf.sub, int32: true },
  { kernel: "Multiply", run: tf.mul, int32: true },
  { kernel: "RealDiv", run: tf.div, positive: true, int32: false },
  { kernel: "Maximum", run: tf.maximum, int32: true, sameShapeGradient: true },
  { kernel: "Minimum", run: tf.minimum, int32: true, sameShapeGradient: true },
  { kernel: "SquaredDifference", run: tf.squaredDifference, int32: true, sameShapeGradient: true },
  { kernel: "Pow", run: tf.pow, positive: true, int32: false },
  { kernel: "Mod", run: tf.mod, int32: false },
  { kernel: "Atan2", run: tf.atan2, int32: false },
  { kernel: "Prelu", run: tf.prelu, int32: false, sameShapeGradient: true },
];

const pairs: [number[], number[]][] = [
  [[], []],
  [[], [3]],
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [
    [2, 1, 2, 3],
    [2, 1, 3],
  ],
  [[1, 2, 2, 1, 3], []],
];

function binaryRows(binary: Binary): Row[] {
  const { kernel, run, positive = false, int32, sameShapeGradient = false } = binary;
  const values = (shape: number[], name: string): HostInput =>
    positive ? uniform(shape, 0.5, 3, name) : normal(shape, name);
  const rows: Row[] = pairs.map(([a, b]) => ({
    kernel,
    title: `[${a.join(", ")}] and [${b.join(", ")}]`,
    inputs: [values(a, "a"), values(b, "b")],
    run: (x, y) => run(x!, y!),
    ...(sameShapeGradient && !sameShape(a, b) ? noGradient : {}),
  }));
  rows.push({
    kernel,
    title: "NaN, infinities and zeros",
    inputs: [floats([...special.values], [7, 1]), floats([...special.values], [1, 7])],
    run: (x, y) => run(x!, y!),
    ...noGradient,
  });
  if (int32) {
    rows.push({
      kernel,
      title: "int32",
      inputs: [ints([-7, -1, 0, 7], [4, 1]), ints([-5, 0, 3])],
      run: (x, y) => run(x!, y!),
    });
  }
  return rows;
}

/** Numbers whose functions are about as small. */
const tiny = floats([-1e-3, -1e-5, -1e-7, 1e-8, 3e-7, 1e-4]);

const others: Row[] = [
  {
    kernel: "Expm1",
    title: "near 0, to seven digits",
    inputs: [tiny],
    run: (x) => tf.div(tf.expm1(x!), x!),
    gradient: false, // of the quotient, which cancels
    tolerance: 1e-6,
  },
  {
    kernel: "Log1p",
    title: "near 0, to seven digits",
    inputs: [tiny],
    run: (x) => tf.div(tf.log1p(x!), x!),
    gradient: false, // of the quotient, which cancels
    tolerance: 1e-6,
  },
  {
    kernel: "Log1p",
    title: "at the end of its domain",
    inputs: [floats([-1, -1.5])],
    run: (x) => tf.log1p(x!),
    ...noGradient,
  },
  {
    kernel: "Tan",
    title: "large angles near a pole, to the last digit",
    inputs: [floats([-608065414.88, 781902002.79, -470910673.97, 1786759246.17, 1e-20, 1.5707963])],
    run: (x) => tf.tan(x!),
    ...noGradient,
    tolerance: 1e-8,
  },
  {
    kernel: "Tan",
    title: "infinity",
    inputs: [floats([Infinity, -Infinity, NaN])],
    run: (x) => tf.tan(x!),
    ...noGradient,
  },
  {
    kernel: "Exp",
    title: "int32, to the last digit",
    inputs: [ints([10, 20, 88, 89, -100])],
    run: (x) => tf.exp(x!),
    tolerance: 1e-8,
  },
  {
    kernel: "Prelu",
    title: "int32 gives float32",
    inputs: [ints([-2, -1, 0, 3]), floats([0.5, 0.25, 2, 2])],
    run: (x, alpha) => tf.prelu(x!, alpha!),
    ...noGradient,
  },
  {
    kernel: "Mod",
    title: "both signs",
    inputs: [floats([-7.5, -3, 0, 3, 7.5], [5, 1]), floats([-3, 3, 0.7])],
    run: (a, b) => tf.mod(a!, b!),
  },
  {
    kernel: "Mod",
    title: "int32",
    inputs: [ints([-7, 7, 5]), ints([3, -3, 0])],
    run: (a, b) => tf.mod(a!, b!),
    fallback: true,
  },
  {
    kernel: "BitwiseAnd",
    title: "int32 of both signs",
    inputs: [ints([12, -1, 7]), ints([10, 255, -8])],
    run: (a, b) => tf.bitwiseAnd(a!, b!),
  },
  {
    kernel: "EluGrad",
    title: "as a kernel",
    inputs: [normal([6], "dy"), floats([-0.9, -0.1, -0, 0, 0.1, 2])],
    run: (dy, y) => tf.engine().runKernel<tf.Tensor>("EluGrad", { dy: dy!, y: y! }),
  },
  {
    kernel: "Exp",
    title: "int32 gives float32",
    inputs: [ints([-2, 0, 3])],
    run: (x) => tf.exp(x!),
  },
  {
    kernel: "Round",
    title: "halves go to the even neighbour",
    inputs: [floats([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])],
    run: (x) => tf.round(x!),
  },
  {
    kernel: "Add",
    title: "bool",
    inputs: [bools([0, 1, 1]), bools([1, 1, 0])],
    run: (a, b) => tf.add(a!, b!),
    fallback: true,
  },
  {
    kernel: "Add",
    title: "float32 and int32",
    inputs: [normal([2, 3]), ints([1, 2, 3])],
    run: (a, b) => tf.add(a!, b!),
  },
  {
    kernel: "FloorDiv",
    title: "int32 of both signs",
    inputs: [
      ints([-7, -6, -1, 0, 1, 6, 7, 2147483647, -2147483648], [9, 1]),
      ints([-3, -1, 2, 3, 1000000]),
    ],
    run: (a, b) => tf.floorDiv(a!, b!),
  },
  {
    kernel: "FloorDiv",
    title: "int32 by zero",
    inputs: [ints([-7, 0, 7]), ints([0, 0, 0])],
    run: (a, b) => tf.floorDiv(a!, b!),
  },
  {
    kernel: "FloorDiv",
    title: "int32 divided with tf.div",
    inputs: [ints([16777217, -7, 7]), ints([1, 2, 2])],
    run: (a, b) => tf.div(a!, b!),
  },
  {
    kernel: "FloorDiv",
    title: "float32",
    inputs: [floats([-7.5, 7.5, 1]), floats([2, 2, 3])],
    run: (a, b) => tf.floorDiv(a!, b!),
    fallback: true,
  },
  {
    kernel: "Pow",
    title: "negative bases",
    inputs: [floats([-2, -2, -2, 0, 4]), floats([2, 3, 0.5, 0, -0.5])],
    run: (a, b) => tf.pow(a!, b!),
    ...noGradient,
  },
  {
    kernel: "Pow",
    title: "int32",
    inputs: [ints([-2, 3]), ints([3, 2])],
    run: (a, b) => tf.pow(a!, b!),
    fallback: true,
  },
  {
    kernel: "AddN",
    title: "three tensors",
    inputs: [normal([2, 3], "a"), normal([2, 3], "b"), normal([2, 3], "c")],
    run: (...xs) => tf.addN(xs),
  },
  {
    kernel: "AddN",
    title: "three tensors of int32",
    inputs: [ints([1, 2]), ints([3, 4]), ints([5, 6])],
    run: (...xs) => tf.addN(xs),
  },
  {
    kernel: "Multiply",
    title: "a constant beside trailing axes of length 1",
    inputs: [normal([2, 3, 1, 1])],
    run: (x) => tf.mul(x!, 3),
  },
  {
    kernel: "Sub",
    title: "a scalar beside trailing axes of length 1",
    inputs: [normal([]), normal([2, 3, 1])],
    run: (a, b) => tf.sub(a!, b!),
  },
  { kernel: "AddN", title: "one tensor", inputs: [normal([2])], run: (...xs) => tf.addN(xs) },
  {
    kernel: "ClipByValue",
    title: "int32",
    inputs: [signed],
    run: (x) => tf.clipByValue(x!, -1, 2),
    fallback: true,
  },
  {
    kernel: "Prelu",
    title: "slope per channel",
    inputs: [normal([2, 3, 4]), uniform([4], 0.1, 0.9, "alpha")],
    run: (x, alpha) => tf.prelu(x!, alpha!),
  },
];

parityTests("elementwise.ts", elementwise, [
  ...unaries.flatMap(unaryRows),
  ...binaries.flatMap(binaryRows),
  ...others,
]);

refusalTests("elementwise.ts", {
  "lengths that do not broadcast": () => tf.add(tf.ones([4]), tf.ones([3])),
  "ranks that do not broadcast": () => tf.mul(tf.ones([2, 3]), tf.ones([2])),
});
