import * as tf from "@tensorflow/tfjs";

/**
 * A TF.js function made ready to run many times. Call it with the same names, shapes and dtypes
 * each time; the caller owns the returned tensors and still owns the inputs.
 */
export interface CompiledFunction<
  Inputs extends tf.NamedTensorMap,
  Outputs extends tf.NamedTensorMap,
> {
  (inputs: Inputs): Promise<Outputs>;
  /** Frees sessions and buffers. */
  dispose(): void;
}

/**
 * Turns a pure TF.js function into one that is recorded once per input signature and then
 * replayed. Variables that `fn` reads or assigns are its state. `fn` must not read values
 * (`data`, `dataSync`), and must not decide anything by them.
 */
export type Compile = <Inputs extends tf.NamedTensorMap, Outputs extends tf.NamedTensorMap>(
  fn: (inputs: Inputs) => Outputs,
) => CompiledFunction<Inputs, Outputs>;

/** The `Compile` of backends that run each operation as it is called. */
export const runEagerly: Compile = (fn) =>
  Object.assign(async (inputs: Parameters<typeof fn>[0]) => tf.tidy(() => fn(inputs)), {
    dispose() {},
  });
