import { mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { ortBackend, useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { isKeptInFile, putIntoFile, zerosInFile } from "../../../framework/base/keptInFile.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { ScratchFiles } from "../../../framework/base/scratchFiles.ts";
import { hasChangedNothing } from "../../../framework/base/unchanged.ts";

/** Of which the first needs several windows, and the second begins in the middle of one. */
const shapes: Record<string, number[]> = { large: [9, 11], small: [5], other: [4, 3] };
const windowLength = 48;

let compile: Compile;
let folder: string;
let files: ScratchFiles;
let usualLength: number;

const numbers = (name: string, shape: number[]): tf.Tensor =>
  tf.tensor(new RandomStream(1, name).normals(shape.reduce((a, b) => a * b, 1)), shape);

interface Momentum {
  readonly parameter: tf.Variable;
  readonly momentum: tf.Variable;
}

/** Parameters with a momentum each, in memory or in files. */
function makeVariables(isFiled: boolean): Momentum[] {
  return Object.entries(shapes).map(([name, shape]) => {
    const parameter = tf.tidy(() => tf.variable(numbers(name, shape)));
    const bytes = parameter.size * 4;
    const momentum = isFiled
      ? zerosInFile(files.place("momentum", bytes), shape)
      : tf.tidy(() => tf.variable(tf.zeros(shape), false));
    return { parameter, momentum };
  });
}

/** Momentum of the gradient of the parameters' squares, times a number. */
function stepOf(variables: readonly Momentum[]) {
  return compile(({ rate, factor }: { rate: tf.Tensor; factor: tf.Tensor }) => {
    const losses: tf.Tensor[] = [];
    for (const { parameter, momentum } of variables) {
      const gradient = tf.softmax(parameter.mul(factor)).mul(2);
      losses.push(gradient.sum());
      const scaled = tf.engine().runKernel<tf.Tensor>("SeedbedScaledGradient", {
        gradient,
        scale: tf.scalar(0.5),
      });
      const next = momentum.mul(0.9).add(scaled);
      momentum.assign(next);
      parameter.assign(parameter.sub(next.mul(rate)));
    }
    return { loss: tf.addN(losses) };
  });
}

async function run(step: ReturnType<typeof stepOf>, factor = 1): Promise<void> {
  const inputs = { rate: tf.scalar(0.25), factor: tf.scalar(factor) };
  try {
    tf.dispose(await step(inputs));
  } finally {
    tf.dispose(inputs);
  }
}

async function valuesOf(variables: readonly Momentum[]): Promise<number[][]> {
  const all = variables.flatMap(({ parameter, momentum }) => [parameter, momentum]);
  return Promise.all(all.map(async (variable) => [...(await variable.data())]));
}

function dispose(variables: readonly Momentum[], step: ReturnType<typeof stepOf>): void {
  step.dispose();
  for (const { parameter, momentum } of variables) tf.dispose([parameter, momentum]);
}

describe("zerosInFile()", () => {
  before(async () => {
    ({ compile } = await useBackend("ort"));
    usualLength = ortBackend().windows.length;
  });

  after(async () => tf.setBackend("cpu"));

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "seedbed-filed-"));
    files = new ScratchFiles(folder, "test", "take another folder");
    ortBackend().windows.length = windowLength;
  });

  afterEach(() => {
    ortBackend().windows.length = usualLength;
    files.close();
    rmSync(folder, { recursive: true });
  });

  /** Values that variables come to which lie in memory, and such that lie in files. */
  async function bothWays(
    work: (step: ReturnType<typeof stepOf>, variables: readonly Momentum[]) => Promise<void>,
  ): Promise<number[][][]> {
    const results: number[][][] = [];
    for (const isFiled of [false, true]) {
      const variables = makeVariables(isFiled);
      const step = stepOf(variables);
      await work(step, variables);
      results.push(await valuesOf(variables));
      dispose(variables, step);
    }
    return results;
  }

  it("gives a variable that a compiled function updates to the bits of one in memory", async () => {
    const results = await bothWays(async (step) => {
      for (let i = 0; i < 3; i++) await run(step, 1 + i);
    });
    expect(results[1]).to.deep.equal(results[0]);
    expect(results[0]!.flat().every((value) => value !== 0)).to.equal(true);
  });

  it("reads no window to where one still waits for a slow disk to be written", async () => {
    ortBackend().windows.length = 16;
    const { file } = files.place("momentum", 4);
    const write = file.write.bind(file);
    file.write = async (bytes, offset) => {
      await setTimeout(5);
      return write(bytes, offset);
    };
    const results = await bothWays(async (step) => {
      for (let i = 0; i < 2; i++) await run(step);
    });
    expect(results[1]).to.deep.equal(results[0]);
  });

  it("keeps no array of it in memory, nor a name in the folder", async () => {
    const variables = makeVariables(true);
    const step = stepOf(variables);
    await run(step);
    for (const { momentum } of variables) {
      await momentum.data();
      expect(ortBackend().entry(momentum.dataId).array).to.equal(undefined);
      expect(isKeptInFile(momentum)).to.equal(true);
    }
    expect(readdirSync(folder)).to.deep.equal([]);
    dispose(variables, step);
  });

  it("leaves clones what they were", async () => {
    const variables = makeVariables(true);
    const { momentum } = variables[0]!;
    const step = stepOf(variables);
    await run(step);
    const clone = momentum.clone();
    const expected = [...(await momentum.data())];
    await run(step);
    expect([...(await clone.data())]).to.deep.equal(expected);
    expect([...(await momentum.data())]).not.to.deep.equal(expected);
    clone.dispose();
    dispose(variables, step);
  });

  it("leaves clones what they were when the variable is assigned to", async () => {
    const variables = makeVariables(true);
    const { momentum } = variables[0]!;
    const step = stepOf(variables);
    await run(step);
    const clone = momentum.clone();
    const expected = [...(await momentum.data())];
    tf.tidy(() => momentum.assign(tf.ones(momentum.shape)));
    putIntoFile(momentum);
    expect([...(await clone.data())]).to.deep.equal(expected);
    expect([...(await momentum.data())]).to.deep.equal(expected.map(() => 1));
    clone.dispose();
    dispose(variables, step);
  });

  it("goes on from what was assigned to it", async () => {
    const results = await bothWays(async (step, variables) => {
      await run(step);
      for (const { momentum } of variables) {
        tf.tidy(() => momentum.assign(momentum.mul(3)));
      }
      await run(step);
    });
    expect(results[1]).to.deep.equal(results[0]);
  });

  it("is read when it was updated, if an update is under way", async () => {
    const variables = makeVariables(true);
    const step = stepOf(variables);
    await run(step);
    const { momentum } = variables[0]!;
    const running = run(step);
    while (!ortBackend().runs.writes) await setImmediate();
    const read = momentum.data();
    await running;
    expect([...(await read)]).to.deep.equal([...(await momentum.data())]);
    dispose(variables, step);
  });

  it("says which file failed during an update, after which variables may be new or old", async () => {
    const variables = makeVariables(true);
    const step = stepOf(variables);
    await run(step);
    files.close();
    const error: unknown = await run(step).catch((reason: unknown) => reason);
    expect(String(error)).to.match(
      /^Error: Cannot read .*test\.momentum\..*\.tmp: EBADF: bad file descriptor; take another folder$/,
    );
    expect(hasChangedNothing(error)).to.equal(false);
    dispose(variables, step);
  });

  it("changes nothing where the disk has no room", async () => {
    const { bavail, bsize } = statfsSync(folder);
    const variables = makeVariables(true);
    files.place("other", 2 * bavail * bsize);
    const step = stepOf(variables);
    const before = await valuesOf(variables);
    const error: unknown = await run(step).catch((reason: unknown) => reason);
    expect(String(error)).to.match(
      /^InputError: Cannot put .* are free there; take another folder$/,
    );
    expect(hasChangedNothing(error)).to.equal(true);
    expect(await valuesOf(variables)).to.deep.equal(before);
    dispose(variables, step);
  });

  it("refuses a function that does more than arithmetic on each element", async () => {
    const { file, byteOffset } = files.place("momentum", 396);
    const momentum = zerosInFile({ file, byteOffset }, [9, 11]);
    const reverse = compile(() => {
      momentum.assign(tf.reverse(momentum, 0));
      return { first: tf.scalar(1) };
    });
    const error: unknown = await reverse({}).catch((reason: unknown) => reason);
    expect(String(error)).to.match(/Cannot update a variable of shape \[9, 11\] in .*momentum/);
    expect(String(error)).to.include("leave out optimizer.offload");
    reverse.dispose();
    momentum.dispose();
  });
});
