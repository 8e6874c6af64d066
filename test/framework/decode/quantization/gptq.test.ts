import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import {
  dequantizeBlocks,
  roundToBlocks,
  type BlockQuantized,
} from "../../../../framework/decode/quantization/blockQuantization.ts";
import { gptq } from "../../../../framework/decode/quantization/gptq.ts";

const [rows, columns, samples] = [8, 64, 256];
const format = { bits: 4, blockSize: 32 } as const;
const weights = new RandomStream(1, "weights").normals(rows * columns);

/** Inputs whose features go together: each is a mixture of eight. */
function inputs(): Float32Array {
  const causes = new RandomStream(2, "causes").normals(samples * 8);
  const mixing = new RandomStream(3, "mixing").normals(8 * columns);
  const noise = new RandomStream(4, "noise").normals(samples * columns);
  return noise.map((own, i) => {
    const [sample, column] = [Math.floor(i / columns), i % columns];
    let sum = 0.1 * own;
    for (let k = 0; k < 8; k++) sum += causes[sample * 8 + k]! * mixing[k * columns + column]!;
    return sum;
  });
}

const x = inputs();

function gramOf(features: Float32Array): Float64Array {
  return Float64Array.from({ length: columns * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let s = 0; s < samples; s++)
      sum += features[s * columns + i]! * features[s * columns + j]!;
    return sum;
  });
}

/** Mean squared error of the products with the inputs. */
function productError(quantized: BlockQuantized): number {
  const errors = dequantizeBlocks(quantized).map((weight, i) => weight - weights[i]!);
  let total = 0;
  for (let s = 0; s < samples; s++) {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += errors[row * columns + i]! * x[s * columns + i]!;
      total += sum * sum;
    }
  }
  return total / (samples * rows);
}

describe("gptq()", () => {
  for (const isSymmetric of [true, false]) {
    it(`errs far less than rounding on inputs like those it saw, ${isSymmetric ? "symmetric" : "with zero points"}`, () => {
      const options = { ...format, isSymmetric };
      const rounded = productError(roundToBlocks(weights, rows, columns, options));
      const corrected = productError(gptq(weights, rows, columns, gramOf(x), options));
      expect(corrected / rounded).to.be.below(0.2);
    });
  }

  it("is rounding where features have nothing to do with each other", () => {
    const apart = new Float64Array(columns * columns);
    for (let i = 0; i < columns; i++) apart[i * columns + i] = 1 + i;
    expect(gptq(weights, rows, columns, apart, format)).to.deep.equal(
      roundToBlocks(weights, rows, columns, format),
    );
  });

  it("makes the error of one weight good by the next, as computed by hand", () => {
    // Two features that are nearly one: what the first weight loses the second takes over.
    const gram = Float64Array.of(1, 1, 1, 1);
    const options = { bits: 4, blockSize: 16, damping: 0.01 } as const;
    const { codes, scales } = gptq(Float32Array.of(-8, 2.4), 1, 2, gram, options);
    expect([[...codes], [...scales]]).to.deep.equal([[0, 10], [1]]); // -8 is exact, 2.4 becomes 2
    const shifted = gptq(Float32Array.of(2.4, -8), 1, 2, gram, options);
    // The error 0.4 / 1.01 moves over: -8 + 0.396 = -7.604, which is nearest to -8.
    expect([...shifted.codes]).to.deep.equal([10, 0]);
    const crossing = gptq(Float32Array.of(2.4, -6.3), 1, 2, gram, options);
    const scale = 6.3 / 8;
    // 2.4 is 3.05 codes: 3, which lacks 0.0375; -6.3 + 0.0371 is -7.95 codes.
    expect([...crossing.codes]).to.deep.equal([8 + 3, 0]);
    expect(crossing.scales[0]).to.be.closeTo(scale, 1e-7);
  });

  it("takes a feature that never appeared for one that does not matter", () => {
    const silent = x.map((value, i) => (i % columns === 5 ? 0 : value));
    const { scales } = gptq(weights, rows, columns, gramOf(silent), format);
    expect(scales.every(Number.isFinite)).to.equal(true);
  });

  it("refuses sums of nothing and sizes that do not fit", () => {
    const nothing = new Float64Array(columns * columns);
    expect(() => gptq(weights, rows, columns, nothing, format)).to.throw(
      RangeError,
      "expected finite inputs that are not all 0, got a sum of squares of 0",
    );
    expect(() => gptq(weights, rows, columns, new Float64Array(4), format)).to.throw(
      RangeError,
      "Cannot quantize weights [8, 64] by calibration: expected 512 weights and 4096 sums, got 512 and 4",
    );
    const odd = { bits: 4, blockSize: 24 } as const;
    expect(() => gptq(weights, rows, columns, gramOf(x), odd)).to.throw(
      RangeError,
      "expected blocks of a power of two from 16 on, got 24",
    );
  });
});
