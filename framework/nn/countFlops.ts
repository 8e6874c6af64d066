import * as tf from "@tensorflow/tfjs";

import { kernelFlops } from "./kernelFlops.ts";

/**
 * Counts the floating-point operations of the kernels that `fn` calls, on any backend; see
 * {@link kernelFlops} for what counts. Gradients that `fn` computes are in it, and so are
 * what gradient checkpointing computes twice and results that nobody uses.
 *
 * @param fn synchronous; its result is passed on
 */
export function countFlops<Result>(fn: () => Result): { result: Result; flops: number } {
  const engine = tf.engine();
  const outer = Object.getOwnPropertyDescriptor(engine, "runKernel");
  const restore = (): void => {
    if (outer) Object.defineProperty(engine, "runKernel", outer);
    else Reflect.deleteProperty(engine, "runKernel");
  };
  let flops = 0;
  function counting<T extends tf.Tensor | tf.Tensor[]>(
    name: string,
    inputs: tf.NamedTensorMap,
    attributes: tf.NamedAttrMap = {},
  ): T {
    restore(); // what a kernel calls in turn is in its own number
    try {
      const outputs = engine.runKernel<T>(name, inputs, attributes);
      const [output] = [outputs].flat();
      flops += kernelFlops(name, { inputs: shapesOf(inputs), output: output!.shape, attributes });
      return outputs;
    } finally {
      engine.runKernel = counting;
    }
  }
  engine.runKernel = counting;
  try {
    const result = fn();
    return { result, flops };
  } finally {
    restore();
  }
}

/** Some kernels have inputs that may be left out. */
function shapesOf(
  inputs: Readonly<Record<string, tf.Tensor | undefined>>,
): Record<string, number[]> {
  const given = Object.entries(inputs).flatMap(([name, input]): [string, number[]][] =>
    input ? [[name, input.shape]] : [],
  );
  return Object.fromEntries(given);
}
