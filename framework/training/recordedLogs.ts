import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";
import type { LogEntry, Reduction } from "./logOptions.ts";

/** Marks outputs of a compiled step that were logged rather than returned. */
const prefix = "log/";
/** Marks their weights in means, where these were given: they may differ with the batch's shape. */
const weightPrefix = "logWeight/";

interface Collected {
  readonly values: readonly tf.Scalar[];
  readonly weight: number | undefined;
}

/**
 * What compiled steps log. While a step is being recorded its scalars are collected and become
 * outputs of the step; how each is to be logged is remembered by name for all later runs.
 */
export class RecordedLogs {
  readonly #entries = new Map<string, LogEntry>();
  #collected: Map<string, Collected> | undefined;

  get isRecording(): boolean {
    return this.#collected !== undefined;
  }

  /** Runs a step that is being recorded; inside a tidy. */
  record(step: () => tf.NamedTensorMap): tf.NamedTensorMap {
    const collected = new Map<string, Collected>();
    this.#collected = collected;
    try {
      return { ...step(), ...this.#outputs(collected) };
    } finally {
      for (const { values } of collected.values()) tf.dispose([...values]);
      this.#collected = undefined;
    }
  }

  /** @throws {RangeError} when the name was logged in another way, or the value is no scalar */
  add(name: string, value: tf.Tensor | number, { batchSize, ...options }: LogEntry): void {
    const entry = { ...options, batchSize: undefined };
    const before = this.#entries.get(name);
    if (before && JSON.stringify(before) !== JSON.stringify(entry)) {
      throw new RangeError(`Cannot log "${name}": it was logged with other options before`);
    }
    this.#entries.set(name, entry);
    const values = this.#collected!.get(name)?.values ?? [];
    this.#collected!.set(name, {
      values: [...values, keptScalar(name, value)],
      weight: batchSize,
    });
  }

  /** How an output of a step was logged; undefined when it was returned. */
  entryOf(output: string): LogEntry | undefined {
    return output.startsWith(prefix) ? this.#entries.get(output.slice(prefix.length)) : undefined;
  }

  /** Separates a step's outputs from what it logged. */
  split(values: Readonly<Record<string, number>>): {
    outputs: Record<string, number>;
    logged: { name: string; value: number; entry: LogEntry }[];
  } {
    const outputs: Record<string, number> = {};
    const logged: { name: string; value: number; entry: LogEntry }[] = [];
    for (const [key, value] of Object.entries(values)) {
      const entry = this.entryOf(key);
      if (entry) {
        const name = key.slice(prefix.length);
        logged.push({ name, value, entry: { ...entry, batchSize: values[weightPrefix + name] } });
      } else if (!key.startsWith(weightPrefix)) outputs[key] = value;
    }
    return { outputs, logged };
  }

  #outputs(collected: ReadonlyMap<string, Collected>): tf.NamedTensorMap {
    const outputs: tf.NamedTensorMap = {};
    for (const [name, { values, weight }] of collected) {
      outputs[prefix + name] = reduceScalars(values, this.#entries.get(name)!.reduceFx);
      if (weight !== undefined) outputs[weightPrefix + name] = tf.scalar(weight);
    }
    return outputs;
  }
}

/** Outlives the tidy of the gradients' function. */
function keptScalar(name: string, value: tf.Tensor | number): tf.Scalar {
  if (typeof value === "number") return tf.keep(tf.scalar(value));
  if (value.size === 1) return tf.keep(tf.tidy(() => value.asScalar().toFloat().clone()));
  throw new RangeError(
    `Cannot log "${name}": expected one number, got shape ${describeShape(value.shape)}`,
  );
}

/** One name logged several times in one step. */
function reduceScalars(values: readonly tf.Scalar[], reduceFx: Reduction): tf.Tensor {
  const [first] = values;
  return values.length === 1 ? first!.clone() : tf.stack([...values])[reduceFx]();
}
