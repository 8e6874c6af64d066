import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { recordProgram, type RecordedProgram } from "../../../framework/backend/recordProgram.ts";
import { ortBackend } from "../../../framework/backend/register.ts";
import { gelu, silu } from "../../../framework/nn/ops/index.ts";
import { onOrt } from "../../support/parity.ts";

describe("recordProgram()", () => {
  onOrt();

  function record(fn: (x: tf.Tensor2D) => tf.Tensor): RecordedProgram {
    const x = tf.zeros<tf.Rank.R2>([2, 3]);
    try {
      return recordProgram(ortBackend("ort"), (inputs) => ({ y: fn(inputs["x"]!.as2D(2, 3)) }), {
        x,
      });
    } finally {
      x.dispose();
    }
  }

  it("tells what the program's inputs stand for", () => {
    const weight = tf.tidy(() => tf.variable(tf.ones([3, 4])));
    const { program, inputs, outputNames, variables } = record((x) => tf.matMul(x, weight));
    expect([...inputs.keys()]).to.deep.equal(["x"]);
    expect(outputNames).to.deep.equal(["y"]);
    expect(program.inputs).to.have.members([inputs.get("x")!, variables.get(weight)!]);
    weight.dispose();
  });

  it("keeps no ones of which TF.js makes the gradients of sums and means", () => {
    const { program } = record((x) => tf.grad((y: tf.Tensor) => y.square().mean())(x));
    const floats = program.constants.filter(({ dtype }) => dtype === "float32");
    expect(floats.filter(({ constant }) => constant!.length > 1)).to.deep.equal([]);
    const sums = record((x) => tf.grad((y: tf.Tensor) => y.square().sum(1).square().sum())(x));
    expect(sums.program.nodes.map(({ op }) => op)).to.include("Expand");
  });

  it("keeps to ONNX's own operators", () => {
    const { program } = record((x) => silu(gelu(tf.matMul(x, x, false, true).mul(2), "quick")));
    expect(program.nodes.filter(({ domain }) => domain !== "")).to.deep.equal([]);
    expect(program.nodes.map(({ op }) => op)).to.include.members([
      "MatMul",
      "Transpose",
      "Sigmoid",
    ]);
  });

  it("refuses a function that assigns a variable, or reads a tensor from outside", () => {
    const state = tf.tidy(() => tf.variable(tf.ones([2, 3])));
    const outside = tf.ones([2, 3]);
    const assign = (x: tf.Tensor2D): tf.Tensor => {
      state.assign(x.add(1));
      return x.add(2);
    };
    expect(() => record(assign)).to.throw("Cannot record a program");
    expect(() => record((x) => x.add(outside))).to.throw("Cannot record a program");
    tf.dispose([state, outside]);
  });
});
