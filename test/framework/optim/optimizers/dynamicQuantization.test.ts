import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import {
  dynamicCode,
  packCodes,
  unpackCodes,
} from "../../../../framework/optim/optimizers/dynamicQuantization.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("dynamicCode()", () => {
  for (const signed of [true, false]) {
    it(`has 256 levels in order, signed ${signed}`, () => {
      const levels = Array.from(dynamicCode(signed).levels);
      expect(levels).to.have.length(256);
      expect(levels).to.deep.equal(levels.toSorted((a, b) => a - b));
      expect(levels.at(-1)).to.equal(1);
      expect(levels).to.include(0);
    });

    it(`gives each level its own code, signed ${signed}`, async () => {
      const { levels, encode, decode } = dynamicCode(signed);
      const x = tf.tensor1d(levels);
      const codes = encode(x);
      const back = decode(codes);
      await expectClose(
        codes,
        Array.from(levels, (_, i) => i),
        0,
      );
      await expectClose(back, x, 0);
      tf.dispose([x, codes, back]);
    });

    it(`finds the nearest level, signed ${signed}`, () => {
      const { levels, encode } = dynamicCode(signed);
      const numbers = new RandomStream(7, "x").normals(2000).map((value, i) => {
        const x = Math.tanh(value) * 10 ** -(i % 9);
        return signed ? x : Math.abs(x);
      });
      const codes = tf.tidy(() => encode(tf.tensor1d(numbers)).dataSync());
      for (const [i, x] of numbers.entries()) {
        const nearest = Math.min(...Array.from(levels, (level) => Math.abs(level - x)));
        // Between two levels either will do: float32 decides.
        expect(Math.abs(levels[codes[i]!]! - x)).to.be.closeTo(nearest, 1e-7 * Math.abs(x));
      }
    });
  }
});

describe("packCodes()", () => {
  it("puts four codes into an int32, which unpackCodes() takes out again", async () => {
    const codes = tf.tensor2d([0, 255, 1, 254, 127, 128, 255, 0], [1, 8], "int32");
    const packed = packCodes(codes);
    const back = unpackCodes(packed);
    expect(packed.shape).to.deep.equal([1, 2]);
    expect(packed.dtype).to.equal("int32");
    await expectClose(back, codes, 0);
    tf.dispose([codes, packed, back]);
  });
});
