/** @file Variables whose values lie in files between the steps that change them. */
import * as tf from "@tensorflow/tfjs";

import { InputError } from "./errors.ts";
import type { FilePlace } from "./scratchFiles.ts";

/** A backend whose compiled functions update such variables. */
interface FilingBackend {
  zerosInFile(place: FilePlace, shape: readonly number[], dtype: "float32"): tf.TensorInfo;
  keepInFile(variable: tf.Variable, place: FilePlace): void;
  isKeptInFile(variable: tf.Variable): boolean;
  putIntoFile(variable: tf.Variable): void;
}

function isFiling(backend: object): backend is FilingBackend {
  return "keepInFile" in backend;
}

/**
 * A float32 variable of zeros whose values lie in a file, but for compiled functions that change it by
 * arithmetic on each of its elements: these read and write a window at a time. Who reads the variable is
 * given a copy.
 *
 * @throws {InputError} when the active backend cannot
 */
export function zerosInFile(place: FilePlace, shape: readonly number[]): tf.Variable {
  const backend = tf.backend();
  if (!isFiling(backend)) {
    throw new InputError(
      `Cannot keep variables in ${place.file.name}: backend ${tf.getBackend()} has all values in memory; set trainer.backend to ort or leave out optimizer.offload`,
    );
  }
  const info = backend.zerosInFile(place, shape, "float32");
  const zeros = tf.engine().makeTensorFromTensorInfo(info);
  const variable = tf.variable(zeros, false);
  zeros.dispose();
  backend.keepInFile(variable, place);
  return variable;
}

export function isKeptInFile(variable: tf.Variable): boolean {
  const backend = tf.backend();
  return isFiling(backend) && backend.isKeptInFile(variable);
}

/** Values that were assigned to such a variable leave memory now, not at the next step. */
export function putIntoFile(variable: tf.Variable): void {
  const backend = tf.backend();
  if (isFiling(backend)) backend.putIntoFile(variable);
}
