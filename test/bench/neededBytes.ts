import * as tf from "@tensorflow/tfjs";

import type { OrtBackend } from "../../framework/backend/ortBackend.ts";
import { recordedBytes } from "../../framework/backend/recordedBytes.ts";
import { record } from "../../framework/backend/recording.ts";
import type { Compile } from "../../framework/base/compile.ts";
import type { Workload } from "./workload.ts";

/** Values from here on are not written: no number of them decides what is recorded. */
const largeLength = 2 ** 16;

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
        return Promise.reject(new Recorded(numBytes + recordedBytes(record(backend, fn, inputs))));
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
