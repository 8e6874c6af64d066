import * as tf from "@tensorflow/tfjs";

import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import {
  attention,
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
} from "../../../framework/nn/ops/index.ts";
import type { PrepareOptions, PreparedWorkload, Workload } from "../workload.ts";

type Run = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Links of the chain of additions that depend on each other. */
const additions = 1000;
/** Of every convolution here. */
const geometry = { strides: [1, 1], pads: [1, 1, 1, 1] } as const;

/** The operations by the names that PyTorch's side knows too. */
const operations = {
  matMul: (a, b) => tf.matMul(a!, b!),
  multiply: (a, b) => tf.mul(a!, b!),
  softmax: (x) => tf.softmax(x!),
  conv: (x, filter) => conv2d(x!, filter!, undefined, geometry),
  convInputGradient: (dy, filter) => conv2dInputGradient(dy!, filter!, dy!.shape, geometry),
  convFilterGradient: (x, dy) =>
    conv2dFilterGradient(x!, dy!, [dy!.shape[1]!, x!.shape[1]!, 3, 3], geometry),
  additions: (x, y) => Array.from({ length: additions }, () => y!).reduce((a, b) => a.add(b), x!),
  attention: (q, k, v) => attention(q!, k!, v!, { scale: 1 / Math.sqrt(q!.shape[3]!) }),
} as const satisfies Record<string, Run>;

interface OperationCase {
  title: string;
  operation: keyof typeof operations;
  shapes: number[][];
  /** Also the gradients by all inputs. */
  backward?: boolean;
  /** Times in a row that are measured together. */
  repeats: number;
}

/** Forward, its two gradients alone, and all three as training has them. */
function convolutionCases([batch, channels, side]: readonly [
  number,
  number,
  number,
]): OperationCase[] {
  const title = `conv 3x3 ${batch}x${channels}x${side}x${side} -> ${channels}`;
  const images = [batch, channels, side, side];
  const filter = [channels, channels, 3, 3];
  const forward = { shapes: [images, filter], repeats: 5 };
  return [
    { ...forward, title: `${title}, forward`, operation: "conv" },
    { ...forward, title: `${title}, input gradient`, operation: "convInputGradient" },
    {
      ...forward,
      title: `${title}, filter gradient`,
      operation: "convFilterGradient",
      shapes: [images, images],
    },
    { ...forward, title: `${title}, forward + backward`, operation: "conv", backward: true },
  ];
}

const convolutions = [
  [4, 64, 32],
  [2, 320, 32],
  [2, 640, 16],
  [8, 128, 8],
] as const;
const heads = [1, 16, 1024, 40];

const cases: OperationCase[] = [
  {
    title: "matmul 1024 x 1024 x 1024",
    operation: "matMul",
    shapes: [
      [1024, 1024],
      [1024, 1024],
    ],
    repeats: 5,
  },
  {
    title: "matmul 4096 x 320 x 1280",
    operation: "matMul",
    shapes: [
      [4096, 320],
      [320, 1280],
    ],
    repeats: 5,
  },
  {
    title: "batched matmul 16 x (1024 x 40 x 1024)",
    operation: "matMul",
    shapes: [
      [16, 1024, 40],
      [16, 40, 1024],
    ],
    repeats: 3,
  },
  ...convolutions.flatMap(convolutionCases),
  {
    title: "attention 16 heads, 1024 x 1024, 40 wide, forward",
    operation: "attention",
    shapes: [heads, heads, heads],
    repeats: 2,
  },
  {
    title: "attention 16 heads, 1024 x 1024, 40 wide, forward + backward",
    operation: "attention",
    shapes: [heads, heads, heads],
    backward: true,
    repeats: 2,
  },
  { title: "softmax 16 M elements", operation: "softmax", shapes: [[16384, 1024]], repeats: 2 },
  {
    title: "multiply 2.6 M elements",
    operation: "multiply",
    shapes: [
      [2, 320, 64, 64],
      [2, 320, 64, 64],
    ],
    repeats: 10,
  },
  {
    title: "1000 dependent additions of 64 elements",
    operation: "additions",
    shapes: [[64], [64]],
    repeats: 20,
  },
];

export const singleOperations: Workload[] = cases.map((each) => ({
  name: each.title,
  title: each.title,
  group: "operation",
  pairs: 15,
  prepare: (options) => prepareOperation(each, options),
}));

function prepareOperation(
  { operation, shapes, backward = false, repeats }: OperationCase,
  { compile }: PrepareOptions,
): PreparedWorkload {
  const random = new RandomStream(1, "inputs");
  const inputs = shapes.map((shape) => tf.tensor(random.normals(sizeOf(shape)), shape));
  const forward: Run = operations[operation];
  const all: tf.NamedTensorMap = Object.fromEntries(inputs.entries());
  if (backward) all["dy"] = tf.tidy(() => tf.onesLike(forward(...inputs)));
  const work = compile((given: tf.NamedTensorMap) => {
    const values = inputs.map((_, i) => given[i]!);
    if (!backward) return { y: forward(...values) };
    const { value, grads } = tf.valueAndGrads(forward)(values, given["dy"]!);
    return { y: value, ...Object.fromEntries(grads.entries()) };
  });
  const run = async (): Promise<undefined> => {
    for (let i = 0; i < repeats; i++) tf.dispose(await work(all));
  };
  const dispose = (): void => work.dispose();
  return {
    run,
    repeats,
    dispose,
    handOver: () => ({ command: "operation", operation, shapes, backward, repeats }),
  };
}
