import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { failureOf } from "./contender.ts";

describe("failureOf()", () => {
  it("finds the kernel in TF.js's own words", () => {
    let caught: unknown;
    try {
      tf.engine().runKernel("NoSuchKernel", {});
    } catch (error) {
      caught = error;
    }
    expect(failureOf(caught)).to.deep.equal({
      reason: "Kernel 'NoSuchKernel' not registered for backend 'cpu'",
      lacks: "kernel NoSuchKernel",
    });
  });

  it("knows a lack of memory", () => {
    expect(failureOf(new Error("out of memory: all is used"))).to.deep.equal({
      reason: "out of memory: all is used",
      lacks: "memory",
    });
  });

  it("keeps any other reason", () => {
    expect(failureOf(new Error("killed"))).to.deep.equal({ reason: "killed" });
  });
});
