import * as tf from "@tensorflow/tfjs";

import type { MixedPrecision, Precision } from "./precision.ts";

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

export interface CompileOptions {
  /** Default: `32-true`. */
  readonly precision?: Precision;
  /**
   * Name of a scalar output: only where it is finite do variables get what `fn` assigns to them.
   * Otherwise the call changes nothing.
   */
  readonly assignsIfFinite?: string;
}

/**
 * Turns a pure TF.js function into one that is recorded once per input signature and then
 * replayed. Variables that `fn` reads or assigns are its state. `fn` must not read values
 * (`data`, `dataSync`), and must not decide anything by them.
 */
export interface Compile {
  <Inputs extends tf.NamedTensorMap, Outputs extends tf.NamedTensorMap>(
    fn: (inputs: Inputs) => Outputs,
    options?: CompileOptions,
  ): CompiledFunction<Inputs, Outputs>;
  /**
   * One line on how this backend computes in a precision, for the log.
   *
   * @throws {Error} with the cure when it cannot
   */
  describePrecision?(precision: MixedPrecision): string;
}

/**
 * The `Compile` of backends that run each operation as it is called.
 *
 * @throws {Error} for what only recorded functions can do
 */
export const runEagerly: Compile = Object.assign(eagerly, {
  describePrecision: (precision: MixedPrecision): never => refusePrecision(precision),
});

function eagerly<Inputs extends tf.NamedTensorMap, Outputs extends tf.NamedTensorMap>(
  fn: (inputs: Inputs) => Outputs,
  { precision = "32-true", assignsIfFinite }: CompileOptions = {},
): CompiledFunction<Inputs, Outputs> {
  if (precision !== "32-true") refusePrecision(precision);
  const run = (inputs: Inputs): Outputs => tf.tidy(() => fn(inputs));
  const compiled =
    assignsIfFinite === undefined
      ? run
      : (inputs: Inputs) => undoingAssignments(() => run(inputs), assignsIfFinite);
  return Object.assign(async (inputs: Inputs) => compiled(inputs), { dispose() {} });
}

/** Runs a function and, unless one of its outputs is finite, gives variables back what they had. */
function undoingAssignments<Outputs extends tf.NamedTensorMap>(
  run: () => Outputs,
  condition: string,
): Outputs {
  const variables = Object.values(tf.engine().registeredVariables);
  const before = variables.map((variable) => ({
    variable,
    dataId: variable.dataId,
    value: variable.clone(),
  }));
  try {
    const outputs = run();
    const [decisive = Number.NaN] = outputs[condition]?.dataSync<"float32">() ?? [];
    if (Number.isFinite(decisive)) return outputs;
    for (const { variable, dataId, value } of before) {
      if (variable.dataId !== dataId) variable.assign(value);
    }
    return outputs;
  } finally {
    tf.dispose(before.map(({ value }) => value));
  }
}

function refusePrecision(precision: Precision): never {
  throw new Error(
    `Cannot compute in ${precision}: this backend runs operations as they are called, in float32; set trainer.backend to ort or webgpu, or trainer.precision to 32-true`,
  );
}
