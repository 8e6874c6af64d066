import * as tf from "@tensorflow/tfjs";

import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import { attention, conv2d } from "../../../framework/nn/ops/index.ts";
import type { PrepareOptions, PreparedWorkload, Workload } from "../workload.ts";

type Run = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The operations by the names that the other side knows too. */
const operations = {
  matMul: (a, b) => tf.matMul(a!, b!),
  multiply: (a, b) => tf.mul(a!, b!),
  softmax: (x) => tf.softmax(x!),
  conv: (x, filter) => conv2d(x!, filter!, undefined, { pads: [1, 1, 1, 1] }),
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

function convolution(
  [batch, channels, side]: readonly [number, number, number],
  backward: boolean,
): OperationCase {
  return {
    title: `conv 3x3 ${batch}x${channels}x${side}x${side} -> ${channels}${backward ? ", forward + backward" : ", forward"}`,
    operation: "conv",
    shapes: [
      [batch, channels, side, side],
      [channels, channels, 3, 3],
    ],
    backward,
    repeats: 5,
  };
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
  ...convolutions.flatMap((size) => [convolution(size, false), convolution(size, true)]),
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
  const dy = tf.tidy(() => tf.onesLike(operations[operation](inputs[0]!, inputs[1]!, inputs[2]!)));
  const named = Object.fromEntries(inputs.entries());
  const work = compile((given: tf.NamedTensorMap) => {
    const values = inputs.map((_, i) => given[i]!);
    const forward: Run = operations[operation];
    const y = forward(...values);
    if (!backward) return { y };
    const gradients = tf.grads(forward)(values, given["dy"]!);
    return { y, ...Object.fromEntries(gradients.entries()) };
  });
  const all = backward ? { ...named, dy } : named;
  const run = async (): Promise<undefined> => {
    for (let i = 0; i < repeats; i++) tf.dispose(await work(all));
  };
  const dispose = (): void => work.dispose();
  return {
    run,
    repeats,
    dispose,
    peer: { command: "operation", operation, shapes, backward, repeats },
  };
}
