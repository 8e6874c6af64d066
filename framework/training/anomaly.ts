import * as tf from "@tensorflow/tfjs";

import type { Compile } from "../base/compile.ts";
import { describeShape } from "../base/shape.ts";

/**
 * Runs functions uncompiled and looks at what every kernel gives.
 *
 * @throws {RangeError} from the compiled function, naming the first kernel that gave NaN or infinity
 *   and the shapes of its inputs
 */
export const detectAnomalies: Compile = (fn) =>
  Object.assign(
    async (inputs: Parameters<typeof fn>[0]) => checkingKernels(() => tf.tidy(() => fn(inputs))),
    { dispose() {} },
  );

/** Puts a check behind the one function through which TF.js runs its kernels. */
function checkingKernels<Result>(work: () => Result): Result {
  const engine = tf.engine();
  const runKernel = engine.runKernel.bind(engine);
  engine.runKernel = <Outputs extends tf.Tensor | tf.Tensor[]>(
    ...args: Parameters<typeof runKernel>
  ) => {
    const outputs = runKernel<Outputs>(...args);
    const [kernel, inputs] = args;
    for (const output of [outputs].flat()) checkFinite(kernel, inputs, output);
    return outputs;
  };
  try {
    return work();
  } finally {
    engine.runKernel = runKernel;
  }
}

function checkFinite(kernel: string, inputs: tf.NamedTensorMap, output: tf.Tensor): void {
  if (output.dtype !== "float32") return;
  const bad = output.dataSync<"float32">().find((value) => !Number.isFinite(value));
  if (bad === undefined) return;
  const shapes = Object.entries(inputs)
    .map(([name, { shape }]) => `${name} ${describeShape(shape)}`)
    .join(", ");
  throw new RangeError(
    `Cannot go on: kernel ${kernel} of ${shapes} gave ${bad} in an output of shape ${describeShape(output.shape)}`,
  );
}
