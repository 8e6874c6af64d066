import { tmpdir } from "node:os";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { estimatingCompile } from "../../../framework/backend/estimatingCompile.ts";
import { ortBackend, useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { zerosInFile } from "../../../framework/base/keptInFile.ts";
import { ScratchFiles } from "../../../framework/base/scratchFiles.ts";

const side = 1000;
const bytes = 4 * side ** 2;

describe("estimatingCompile()", () => {
  let real: Compile;
  before(async () => {
    ({ compile: real } = await useBackend("ort"));
    const two = tf.tidy(() => tf.ones([1]).add(1));
    await two.data(); // so that a session was made, and the process has what the first one takes
    two.dispose();
  });

  it("records what assigns, gives zeros, and says what the process would have", async () => {
    const variable = tf.tidy(() => tf.variable(tf.ones([side, side])));
    await variable.data();
    const { compile, peakBytes } = estimatingCompile(ortBackend("ort"), real);
    const step = compile(() => {
      const product = tf.matMul(variable, variable);
      variable.assign(tf.matMul(product, product));
      return { sum: product.sum() };
    });
    expect(peakBytes()).to.equal(0);
    const { sum } = await step({});
    const beyond = peakBytes() - process.memoryUsage().rss;
    expect((await sum!.data())[0]).to.equal(0);
    expect((await variable.data())[0]).to.equal(1);
    expect(beyond).to.be.closeTo(2 * bytes, bytes); // the product, and the variable's second array
    tf.dispose([sum!, variable]);
    step.dispose();
  });

  it("counts the windows of variables that lie in files, not these", async () => {
    const files = new ScratchFiles(tmpdir(), "estimate", "");
    const shape = [4 * side, side];
    const place = files.place("momentum", 4 * bytes);
    const momentum = zerosInFile(place, shape);
    const { compile, peakBytes } = estimatingCompile(ortBackend("ort"), real);
    const step = compile(({ rate }) => {
      momentum.assign(momentum.mul(rate!));
      return { rate: rate! };
    });
    const rate = tf.scalar(2);
    const outputs = await step({ rate });
    const beyond = peakBytes() - process.memoryUsage().rss;
    expect(ortBackend("ort").entry(momentum.dataId).array).to.equal(undefined);
    const windows = 3 * 3 * 4 * ortBackend("ort").windows.length; // momentum, gradient and parameter
    expect(beyond).to.be.closeTo(windows, bytes);
    tf.dispose([momentum, rate, outputs]);
    step.dispose();
    files.close();
  });

  it("carries out what assigns nothing", async () => {
    const { compile, peakBytes } = estimatingCompile(ortBackend("ort"), real);
    const double = compile(({ x }) => ({ y: x!.add(x!) }));
    const x = tf.tensor([3]);
    const { y } = await double({ x });
    expect((await y!.data())[0]).to.equal(6);
    expect(peakBytes()).to.equal(0);
    tf.dispose([x, y!]);
    double.dispose();
  });
});
