/** @file Tiny random Stable Diffusion pipelines and what the reference implementation makes of them. */
import { readFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { toTensor, type HostTensor } from "../../framework/base/hostTensor.ts";
import { readSafetensors } from "../../framework/weights/safetensors.ts";

const root = path.join(import.meta.dirname, "../fixtures/stable-diffusion");

/**
 * Two sets. `a`: two levels, float16 weights, legacy end-of-text id. `b`: four levels as in Stable
 * Diffusion 1.5, float32 weights.
 */
export const sets = ["tiny-sd-a", "tiny-sd-b"] as const;
export type FixtureSet = (typeof sets)[number];

export function readJson(set: FixtureSet, file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, set, file), "utf8"));
}

export function readTensors(set: FixtureSet, file: string): ReadonlyMap<string, HostTensor> {
  return readSafetensors(path.join(root, set, file));
}

/** Reads one tensor at a time; the caller disposes. */
export function goldenTensors(
  set: FixtureSet,
  file: string,
): { get(name: string): tf.Tensor; names: string[] } {
  const tensors = readTensors(set, `golden/${file}.safetensors`);
  return {
    names: [...tensors.keys()].toSorted(),
    get(name) {
      const host = tensors.get(name);
      if (!host) throw new RangeError(`Cannot find golden tensor "${name}" of ${set}/${file}`);
      return toTensor(host);
    },
  };
}

/** Compares values and shape, reporting the largest difference. */
export function expectGolden(actual: tf.Tensor, expected: tf.Tensor, tolerance: number): void {
  expect(actual.shape, "shape").to.deep.equal(expected.shape);
  const difference = tf.tidy(() => actual.sub(expected).abs().max().dataSync()[0]!);
  expect(difference, "largest difference").to.be.at.most(tolerance);
}
