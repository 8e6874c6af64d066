import * as tf from "@tensorflow/tfjs";

import type { FitState } from "./fitState.ts";
import { resolveLogOptions, type LogOptions } from "./logOptions.ts";

/**
 * Logs a value where the fit now is: inside a step that is being recorded it becomes an output of the
 * step; the sanity check logs nothing.
 *
 * @throws {TypeError} for what is no number, or a tensor outside a step
 * @throws {RangeError} when the name or the options cannot be used there
 */
export function logValue(
  state: FitState,
  name: string,
  value: tf.Tensor | number,
  options: LogOptions,
): void {
  const { recordedLogs, stage, valueLog, batchSize, listeners, logScope } = state;
  const entry = resolveLogOptions(name, options, logScope);
  const { isRecording } = recordedLogs;
  if (isRecording && isLoggable(value)) return recordedLogs.add(name, value, entry);
  if (typeof value !== "number") throw wrongKind(name, value, isRecording);
  const weight = logScope === "epoch" ? 1 : batchSize || 1; // there may have been no batch yet
  if (stage !== "sanity") valueLog.add(name, value, entry, weight, listeners.running);
}

const isLoggable = (value: unknown): value is tf.Tensor | number =>
  typeof value === "number" || value instanceof tf.Tensor;

function wrongKind(name: string, value: unknown, isRecording: boolean): TypeError {
  const expected = isRecording ? "a number or a scalar" : "a number outside a step";
  const got = value instanceof tf.Tensor ? "a tensor" : JSON.stringify(value);
  return new TypeError(`Cannot log "${name}": expected ${expected}, got ${got}`);
}
