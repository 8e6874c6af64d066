import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { SnapshotMemory } from "../../../framework/training/snapshotMemory.ts";

describe("SnapshotMemory", () => {
  it("copies into the memory that it reserved, and writes over the copies before", async () => {
    const memory = new SnapshotMemory();
    const weight = tf.tidy(() => tf.variable(tf.tensor([1, 2])));
    const variables = new Map([["weight", weight]]);
    const [buffer] = memory.reserve("parameters", variables);
    const first = await memory.readVariables("parameters", variables);
    expect(first.get("weight")?.values).to.deep.equal(Float32Array.of(1, 2));
    expect(first.get("weight")?.values.buffer).to.equal(buffer);
    tf.tidy(() => weight.assign(tf.tensor([3, 4])));
    await memory.readVariables("parameters", variables);
    expect(first.get("weight")?.values).to.deep.equal(Float32Array.of(3, 4));
    weight.dispose();
  });

  it("refuses types that are not saved, as a save without a thread does", async () => {
    const mask = tf.tidy(() => tf.variable(tf.tensor([true], [1], "bool")));
    const failure = await new SnapshotMemory()
      .readVariables("parameters", new Map([["mask", mask]]))
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError);
    expect(String(failure)).to.include(
      'variable "mask": expected dtype float32 or int32, got bool',
    );
    mask.dispose();
  });
});
