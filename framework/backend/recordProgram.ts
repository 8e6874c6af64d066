import type * as tf from "@tensorflow/tfjs";

import { programFor, type Graph, type GraphValue, type Program } from "../graph/graph.ts";
import type { OrtBackend } from "./ortBackend.ts";
import { record } from "./recording.ts";

/** A function as a program for anybody's ONNX Runtime, and what its inputs stand for. */
export interface RecordedProgram {
  readonly graph: Graph;
  readonly program: Program;
  /** The function's own inputs, by name, in the order of the program's. */
  readonly inputs: ReadonlyMap<string, GraphValue>;
  readonly outputNames: readonly string[];
  /** The variables that it reads, which are inputs of the program, too. */
  readonly variables: ReadonlyMap<tf.Variable, GraphValue>;
}

/**
 * Records a function in ONNX's own operators, with nothing that depends on this machine.
 *
 * @param inputs of which only types and shapes matter
 * @throws {Error} when the function assigns a variable, or reads another tensor from outside
 */
export function recordProgram(
  backend: OrtBackend,
  fn: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap,
  inputs: tf.NamedTensorMap,
): RecordedProgram {
  const recording = record(backend, fn, inputs, { isPortable: true });
  const { outputs, variables, captured } = recording;
  if (captured.length > 0 || variables.some(({ after }) => after !== undefined)) {
    throw new Error("Cannot record a program: it may read its inputs and variables, nothing else");
  }
  const read = variables.flatMap(({ variable, before }) =>
    before ? [[variable, before] as const] : [],
  );
  return {
    graph: recording.recorder.graph,
    program: programFor(outputs.map(({ value }) => value)),
    inputs: new Map(recording.inputs.map(({ name, value }) => [name, value])),
    outputNames: outputs.map(({ name }) => name),
    variables: new Map(read),
  };
}
