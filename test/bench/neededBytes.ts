import * as tf from "@tensorflow/tfjs";

import type { OrtBackend } from "../../framework/backend/ortBackend.ts";
import { planPrograms } from "../../framework/backend/plan.ts";
import { record, type Recording } from "../../framework/backend/recording.ts";
import { chosenPeakBytes } from "../../framework/backend/sessions.ts";
import type { Compile } from "../../framework/base/compile.ts";
import { sizeOf } from "../../framework/base/shape.ts";
import type { GraphValue } from "../../framework/graph/graph.ts";
import type { Workload } from "./workload.ts";

/** Values from here on are not written: no number of them decides what is recorded. */
const largeLength = 2 ** 16;
const bytesPerElement = 4;

/** Ends the run that is only to be recorded. */
class Recorded extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super("Cannot go on: the function was recorded, not compiled");
    this.bytes = bytes;
  }
}

/**
 * The memory that a workload's first compiled function will need, its weights and other tensors
 * included: computed from what it records, without doing it. Weights get addresses, but no memory.
 *
 * @throws {Error} when the workload compiles nothing
 */
export async function neededBytes(workload: Workload, backend: OrtBackend): Promise<number> {
  const compile: Compile = (fn) =>
    Object.assign(
      (inputs: Parameters<typeof fn>[0]): Promise<never> => {
        const { numBytes } = tf.memory();
        return Promise.reject(new Recorded(numBytes + bytesOf(record(backend, fn, inputs))));
      },
      { dispose() {} },
    );
  const writeAgain = leaveUnwritten(backend);
  try {
    await workload.prepare({ compile, blank: true }).run();
  } catch (error) {
    if (error instanceof Recorded) return error.bytes;
    throw error;
  } finally {
    writeAgain();
  }
  throw new Error(`Cannot tell the memory of "${workload.name}": it compiles nothing`);
}

/** Memory that nobody wrote to costs the system nothing. @returns what ends this */
function leaveUnwritten(backend: OrtBackend): () => void {
  const move = backend.move.bind(backend);
  backend.move = (dataId, values, shape, dtype, refCount) =>
    move(dataId, values.length < largeLength ? values : [], shape, dtype, refCount);
  return () => {
    Reflect.deleteProperty(backend, "move"); // the class's own is back
  };
}

/** What a compiled function needs beside its inputs and variables. */
function bytesOf({ outputs, variables }: Recording<tf.NamedTensorMap>): number {
  const returned = outputs.map(({ value }) => value);
  const changes = variables.flatMap(({ before, after }) => (after ? [{ before, after }] : []));
  const { programs, boundary, states } = planPrograms(returned, changes);
  const second = changes.filter((_, i) => states[i]!.placement === "alternate");
  const kept = [...boundary, ...returned, ...second.map(({ after }) => after)];
  return sizeInBytes(kept) + Math.max(...programs.map(chosenPeakBytes));
}

function sizeInBytes(values: readonly GraphValue[]): number {
  return values.reduce((sum, { shape }) => sum + sizeOf(shape) * bytesPerElement, 0);
}
