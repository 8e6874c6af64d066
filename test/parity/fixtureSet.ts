import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { hostTensor, toTensor, type HostTensor } from "../../framework/base/hostTensor.ts";
import { sizeOf } from "../../framework/base/shape.ts";
import { readSafetensors } from "../../framework/weights/safetensors.ts";
import type { Manifest } from "./manifest.ts";

/** The project's copy of the fixtures. */
export const bundledFixtures: string = path.resolve(
  import.meta.dirname,
  "../fixtures/stable-diffusion",
);

/** How many times the reference's own float32 error an array may be off. */
const errorFactor = 10;

/** A pipeline folder with what the published libraries computed from it, under `golden/`. */
export class FixtureSet {
  readonly folder: string;
  readonly #golden = new Map<string, Golden>();
  #manifest: Manifest | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  get manifest(): Manifest {
    this.#manifest ??= JSON.parse(readFileSync(this.path("golden/manifest.json"), "utf8"));
    return this.#manifest!;
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  has(file: string): boolean {
    return existsSync(this.path(file));
  }

  /** A JSON object of the pipeline. */
  json(file: string): object {
    return JSON.parse(readFileSync(this.path(file), "utf8"));
  }

  /** Arrays of `golden/<file>.safetensors`. */
  golden(file: string): Golden {
    const known = this.#golden.get(file);
    if (known) return known;
    const golden = new Golden(file, this.path("golden", `${file}.safetensors`));
    this.#golden.set(file, golden);
    return golden;
  }

  /** What an array may be off, given the key of the manifest's tolerance. */
  tolerance(key: string): number {
    const error = this.manifest.tolerance[key];
    if (error === undefined) throw new RangeError(`Cannot find tolerance "${key}" in the manifest`);
    return allowed(error);
  }
}

/** What a number may be off when the reference in float32 is `error` off itself. */
export function allowed(error: number): number {
  return errorFactor * error;
}

/** The arrays of one golden file, which remembers those that were used. */
export class Golden {
  readonly #file: string;
  readonly #tensors: ReadonlyMap<string, HostTensor>;
  readonly #used = new Set<string>();

  constructor(file: string, source: string) {
    this.#file = file;
    this.#tensors = readSafetensors(source);
  }

  get names(): string[] {
    return [...this.#tensors.keys()];
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  host(name: string): HostTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new RangeError(`Cannot find array "${name}" of golden file ${this.#file}`);
    this.#used.add(name);
    return tensor;
  }

  /** The caller disposes. */
  tensor(name: string): tf.Tensor {
    return toTensor(this.host(name));
  }

  /** Compares one of them with what we compute. */
  compare(name: string, actual: HostTensor, tolerance: number): void {
    expectClose(`${this.#file} ${name}`, actual, this.host(name), tolerance);
  }

  /** As `compare`, reading the tensor. */
  async compareTensor(name: string, actual: tf.Tensor, tolerance: number): Promise<void> {
    this.compare(name, await hostOf(actual), tolerance);
  }

  /** Arrays that no test has used. */
  unused(): string[] {
    return this.names.filter((name) => !this.#used.has(name));
  }
}

export async function hostOf(tensor: tf.Tensor): Promise<HostTensor> {
  return { shape: tensor.shape, values: Float32Array.from(await tensor.data()) };
}

/** One entry along the first axis. */
export function rowOf({ shape, values }: HostTensor, index: number): HostTensor {
  const rest = shape.slice(1);
  const size = sizeOf(rest);
  return hostTensor(values.slice(index * size, (index + 1) * size), rest);
}

/** What float32 leaves of ten steps, of a set's values: five times less than is allowed. */
const closeness = 2e-6;

/** Compares all values, to a share of the largest, or of 1 if that is less. */
export function expectNear(
  what: string,
  actual: ArrayLike<number>,
  { values }: HostTensor,
  share: number = closeness,
): void {
  const largest = Math.max(1, ...Array.from(values, Math.abs));
  expect(actual.length, `values of ${what}`).to.equal(values.length);
  values.forEach((value, i) => {
    expect(actual[i], `${what}, element ${i}`).to.be.closeTo(value, share * largest);
  });
}

/** Compares shape and values, reporting the largest difference. */
export function expectClose(
  what: string,
  actual: HostTensor,
  expected: HostTensor,
  tolerance: number,
): void {
  expect(actual.shape, `shape of ${what}`).to.deep.equal(expected.shape);
  let [largest, at] = [0, 0];
  for (let i = 0; i < expected.values.length; i++) {
    const difference = Math.abs(actual.values[i]! - expected.values[i]!);
    if (!(difference <= largest)) [largest, at] = [difference, i];
    if (Number.isNaN(largest)) break; // all others would be less
  }
  expect(largest, `largest difference of ${what}, at element ${at}`).to.be.at.most(tolerance);
}

/**
 * Every pipeline folder under a folder, itself included.
 *
 * @throws {Error} when there is none
 */
export function fixtureSets(root: string): FixtureSet[] {
  const indexes = existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
        (file) => path.basename(file) === "model_index.json",
      )
    : [];
  if (indexes.length === 0) {
    throw new Error(`Cannot check parity: expected pipeline folders under ${root}, got none`);
  }
  return indexes.toSorted().map((file) => new FixtureSet(path.join(root, path.dirname(file))));
}
