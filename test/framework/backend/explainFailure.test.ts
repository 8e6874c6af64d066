import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { isOutOfMemory } from "../../../framework/base/outOfMemory.ts";
import { onOrt } from "../../support/parity.ts";

/** 281 TB, more than a processor can address. */
const absurd = 2 ** 23;

describe("a tensor that is too large", () => {
  onOrt();
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  const large = (x: tf.Tensor): tf.Tensor => x.broadcastTo([absurd, absurd]).mul(2).mean();
  const told =
    /^Error: Cannot run the graph: .*; it was kernel \w+ with inputs \[.*\] and outputs \[8388608, 8388608\], of 281 TB$/;

  it("fails a compiled function with an error that tells kernel and shapes", async () => {
    const compiled = compile(({ x }: { x: tf.Tensor }) => ({ y: large(x) }));
    const x = tf.ones([1, 1]);
    const error = await compiled({ x }).catch((thrown: unknown) => thrown);
    expect(String(error)).to.match(told);
    expect(isOutOfMemory(error)).to.equal(true);
    tf.dispose(x);
    compiled.dispose();
  });

  it("does so outside of compiled functions, and what follows is computed", async () => {
    const mean = tf.tidy(() => large(tf.ones([1, 1])));
    const error = await mean.data().catch((thrown: unknown) => thrown);
    mean.dispose();
    expect(String(error)).to.match(told);
    const two = tf.tidy(() => tf.ones([2]).mul(2));
    expect([...(await two.data())]).to.deep.equal([2, 2]);
    two.dispose();
  });

  it("that is an output says how many elements there is no memory for", async () => {
    const compiled = compile(({ x }: { x: tf.Tensor }) => ({
      y: x.broadcastTo([absurd, absurd]).mul(2),
    }));
    const x = tf.ones([1, 1]);
    const error = await compiled({ x }).catch((thrown: unknown) => thrown);
    expect(String(error)).to.equal(
      "RangeError: Cannot allocate 70368744177664 elements of float32: out of memory",
    );
    tf.dispose(x);
    compiled.dispose();
  });
});
