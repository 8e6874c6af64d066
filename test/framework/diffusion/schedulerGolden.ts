/** @file What the published library computed for each folder of fixtures, by its own manifest. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { readSafetensors } from "../../../framework/weights/safetensors.ts";

/** Where the folders are: the project's copy, or what the variable names. */
export const fixtures: string =
  process.env["SEEDBED_FIXTURES"] ??
  path.join(import.meta.dirname, "../../fixtures/stable-diffusion");

/** Pipeline folders with a manifest. */
export const goldenFolders: readonly string[] = readdirSync(fixtures)
  .filter((folder) => existsSync(path.join(fixtures, folder, "golden/manifest.json")))
  .toSorted();

export interface SamplerVariant {
  readonly class: string;
  readonly config: object;
  readonly step_kwargs: { readonly eta?: number };
  readonly num_inference_steps: number;
  readonly init_noise_sigma: number;
  /** Calls of the network. */
  readonly n_calls: number;
}

interface Manifest {
  readonly schedulers: Readonly<Record<string, SamplerVariant>>;
  readonly sampling: {
    readonly prompt: string;
    readonly negative_prompt: string;
    readonly guidance_scale: number;
    readonly dpmpp_2m_neg_rescale: {
      readonly negative_prompt: string;
      readonly guidance_scale: number;
      readonly guidance_rescale: number;
    };
    readonly steps: number;
    readonly scheduler: string;
    readonly scheduler_config: object;
  };
  readonly lora: {
    readonly lora_alpha: number;
    readonly train: { readonly losses: readonly number[] };
  };
  readonly tolerance: Readonly<Record<string, number>>;
}

export interface Golden {
  readonly manifest: Manifest;
  /** @throws {RangeError} when there is none of that name */
  tensor(name: string): HostTensor;
  readonly names: readonly string[];
}

/** One golden file of a folder, with the settings. */
export function goldenOf(
  folder: string,
  file: "schedulers" | "sampling" | "lora" | "train",
): Golden {
  const golden = path.join(fixtures, folder, "golden");
  const tensors = readSafetensors(path.join(golden, `${file}.safetensors`));
  return {
    manifest: JSON.parse(readFileSync(path.join(golden, "manifest.json"), "utf8")),
    names: [...tensors.keys()],
    tensor(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new RangeError(`Cannot find golden tensor ${name}`);
      return tensor;
    },
  };
}

/** Row `index` of a golden tensor. */
export function row({ shape, values }: HostTensor, index: number): HostTensor {
  const [rows = 1, ...rest] = shape;
  const size = values.length / rows;
  return hostTensor(values.slice(index * size, (index + 1) * size), rest);
}

/** The caller disposes. */
export function asTensor4d({ shape, values }: HostTensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = shape;
  return tf.tensor4d(values, [a, b, c, d], "float32");
}

/**
 * Compares all values, to 2e-6 of the largest (the manifest allows 1e-5), which is what float32
 * leaves of ten steps.
 */
export function expectNear(
  actual: ArrayLike<number>,
  { values }: HostTensor,
  what: string,
  tolerance = 2e-6,
): void {
  expect(actual.length, what).to.equal(values.length);
  const largest = Math.max(1, ...values.map(Math.abs));
  values.forEach((value, i) => {
    expect(actual[i], `${what}, element ${i}`).to.be.closeTo(value, tolerance * largest);
  });
}
