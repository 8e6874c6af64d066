/** @file Agreement of the backend "ort" with TF.js's CPU backend, as a table of calls. */
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { engineReport, useBackend } from "../../framework/backend/register.ts";
import { RandomStream } from "../../framework/base/random.ts";
import { sizeOf } from "../../framework/base/shape.ts";

/** An input before it is a tensor of one backend or the other. */
export interface HostInput {
  values: readonly number[] | Float32Array;
  shape: number[];
  dtype: "float32" | "int32" | "bool";
}

export interface Row {
  /** Kernel whose lowering the call must use. */
  kernel: string;
  /** What the row adds to the others of its kernel. */
  title: string;
  inputs: HostInput[];
  run: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** Default: as TF.js has one and an input is float32. False needs a reason beside it. */
  gradient?: boolean;
  /** The call is one that the lowering leaves to the CPU kernel. */
  fallback?: boolean;
  /** Relative to max(1, |expected|). Default 1e-5: float32 sums in another order, other approximations. */
  tolerance?: number;
}

/** Standard normals; the same for one name and shape. */
export function normal(shape: number[], name = "x"): HostInput {
  const values = new RandomStream(7, name).normals(sizeOf(shape));
  return { values, shape, dtype: "float32" };
}

/** Uniform in [low, high). */
export function uniform(shape: number[], low: number, high: number, name = "x"): HostInput {
  const uniforms = new RandomStream(7, name).uniforms(sizeOf(shape));
  return { values: uniforms.map((u) => low + u * (high - low)), shape, dtype: "float32" };
}

export function floats(values: number[], shape: number[] = [values.length]): HostInput {
  return { values, shape, dtype: "float32" };
}

export function ints(values: number[], shape: number[] = [values.length]): HostInput {
  return { values, shape, dtype: "int32" };
}

export function bools(values: number[], shape: number[] = [values.length]): HostInput {
  return { values, shape, dtype: "bool" };
}

/** Distinct integers in a fixed disorder, `-size/2` upward. */
export function shuffled(shape: number[], dtype: "float32" | "int32" = "float32"): HostInput {
  const size = sizeOf(shape);
  const order = new RandomStream(7, "order").permutation(size);
  return { values: Array.from(order, (i) => i - Math.floor(size / 2)), shape, dtype };
}

interface HostOutput {
  values: ArrayLike<number>;
  shape: number[];
  dtype: string;
}

/** A tensor on the current backend; the caller disposes. */
export function tensorOf({ values, shape, dtype }: HostInput): tf.Tensor {
  return tf.tensor(values instanceof Float32Array ? values : [...values], shape, dtype);
}

function hostsOf(run: () => tf.Tensor | tf.Tensor[]): HostOutput[] {
  const result = tf.tidy(run);
  const tensors = Array.isArray(result) ? result : [result];
  try {
    return tensors.map((tensor) => ({
      values: tensor.dataSync(),
      shape: tensor.shape,
      dtype: tensor.dtype,
    }));
  } finally {
    tf.dispose(tensors);
  }
}

function isFloat({ dtype }: HostInput): boolean {
  return dtype === "float32";
}

/** Gradients of all float32 inputs, for a fixed gradient of the (first) output. */
function gradients({ inputs, run }: Row): tf.Tensor[] {
  const tensors = inputs.map(tensorOf);
  const f = (...moving: tf.Tensor[]): tf.Tensor => {
    let next = 0;
    const all = inputs.map((input, i) => (isFloat(input) ? moving[next++]! : tensors[i]!));
    const result = run(...all);
    return Array.isArray(result) ? weightedSum(result) : result;
  };
  const moving = tensors.filter((_, i) => isFloat(inputs[i]!));
  const { shape } = f(...moving);
  return tf.grads(f)(moving, tensorOf(normal([...shape], "dy")));
}

/** One number that every output takes part in, each with a weight of its own. */
function weightedSum(tensors: tf.Tensor[]): tf.Tensor {
  return tf.addN(tensors.map((tensor, i) => tensor.sum().mul(i + 0.5)));
}

function hasGradient(row: Row): boolean {
  if (row.gradient !== undefined) return row.gradient;
  const registered: unknown = tf.getGradient(row.kernel);
  return registered !== undefined && row.inputs.some(isFloat);
}

function expectSame(actual: HostOutput[], expected: HostOutput[], tolerance: number): void {
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).to.deep.equal(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [output, { values, dtype }] of expected.entries()) {
    const got = actual[output]!.values;
    for (let i = 0; i < values.length; i++) {
      const [a, b] = [Number(got[i]), Number(values[i])];
      const exact = dtype !== "float32" || !Number.isFinite(b);
      const close = exact
        ? Object.is(a, b) || a === b
        : Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
      if (!close) expect.fail(`output ${output}, element ${i}: expected ${b}, got ${a}`);
    }
  }
}

async function onBoth(run: () => tf.Tensor | tf.Tensor[]): Promise<[HostOutput[], HostOutput[]]> {
  const actual = hostsOf(run);
  await tf.setBackend("cpu");
  try {
    return [actual, hostsOf(run)];
  } finally {
    await tf.setBackend("ort");
  }
}

async function check(row: Row): Promise<void> {
  const { kernel, inputs, run, fallback = false, tolerance = 1e-5 } = row;
  const earlier = engineReport();
  const [actual, expected] = await onBoth(() => run(...inputs.map(tensorOf)));
  const { lowered, fallbacks } = engineReport();
  const calls = [
    (lowered[kernel] ?? 0) - (earlier.lowered[kernel] ?? 0),
    (fallbacks[kernel] ?? 0) - (earlier.fallbacks[kernel] ?? 0),
  ];
  if (fallback) expect(calls[1], "calls left to the CPU kernel").to.be.above(0);
  else {
    expect(calls[0], "calls that were lowered").to.be.above(0);
    expect(calls[1], "calls left to the CPU kernel").to.equal(0);
  }
  expectSame(actual, expected, tolerance);
  if (hasGradient(row)) {
    const [got, want] = await onBoth(() => gradients(row));
    expectSame(got, want, tolerance);
  }
}

/**
 * A test per call that TF.js refuses, and that must not wait for a value to be read.
 *
 * @param calls by what is wrong with them
 */
export function refusalTests(name: string, calls: Readonly<Record<string, () => unknown>>): void {
  describe(`lowerings of ${name} refuse, as the CPU kernels do,`, () => {
    onOrt();
    for (const [title, call] of Object.entries(calls)) {
      it(title, async () => {
        const callOnce = (): void => tf.tidy(() => void call());
        expect(callOnce).to.throw();
        await tf.setBackend("cpu");
        try {
          expect(callOnce).to.throw();
        } finally {
          await tf.setBackend("ort");
        }
      });
    }
  });
}

/** Runs within a `describe` on the backend "ort", and restores the CPU backend. */
export function onOrt(): void {
  before(async () => {
    await useBackend("ort", { threads: 2 });
  });
  after(async () => {
    await tf.setBackend("cpu");
  });
}

/**
 * A test per row, and one that every lowering of the family has a row.
 *
 * @param family exports of the file that holds the lowerings
 */
export function parityTests(name: string, family: object, rows: readonly Row[]): void {
  describe(`lowerings of ${name}`, () => {
    onOrt();
    for (const row of rows) {
      const how = row.fallback ? "leaves to the CPU kernel" : "agrees with the CPU kernel";
      it(`${row.kernel} ${how}: ${row.title}`, () => check(row));
    }
    it("each have a row here", () => {
      const kernels = Object.keys(family).filter((key) => /^_?[A-Z]/.test(key));
      const tested = new Set(rows.filter(({ fallback }) => !fallback).map(({ kernel }) => kernel));
      expect(kernels.filter((kernel) => !tested.has(kernel))).to.deep.equal([]);
    });
  });
}
