import { expect } from "chai";
import { describe, it } from "mocha";

import {
  dequantizeBlocks,
  packBlocks,
  roundToBlocks,
} from "../../../../framework/decode/quantization/blockQuantization.ts";
import { linearOutput } from "../../../support/linearOutput.ts";
import { quantFixture } from "../quantFixture.ts";

const { floats, bytes } = quantFixture();
const [rows, columns, blockSize] = [40, 96, 32];

for (const [name, bits, isSymmetric] of [
  ["sym4", 4, true],
  ["asym4", 4, false],
  ["sym8", 8, true],
  ["asym8", 8, false],
] as const) {
  describe(`roundToBlocks() and packBlocks(), ${name}`, () => {
    const quantized = roundToBlocks(floats("W"), rows, columns, { bits, blockSize, isSymmetric });
    const packed = packBlocks(quantized);

    it("give the reference's bytes", () => {
      expect(packed.bytes).to.deep.equal(bytes(`${name}.B`));
    });

    it("give the reference's scales", () => {
      expect(quantized.scales).to.deep.equal(floats(`${name}.scales`));
    });

    it("give the reference's zero points", () => {
      const expected = isSymmetric ? undefined : bytes(`${name}.zero_points`);
      expect(packed.zeroPoints).to.deep.equal(expected);
    });

    it("stand for the reference's weights", () => {
      expect(dequantizeBlocks(quantized)).to.deep.equal(floats(`${name}.dequant`));
    });

    it("multiply as the reference does", () => {
      const format = { bits, blockSize, isSymmetric, features: "float" } as const;
      const output = linearOutput(floats("X"), floats("W"), format);
      // Sums of 96 products of about 1 in another order.
      expect(largestDifference(output, floats(`${name}.Y`))).to.be.below(2e-5);
    });

    it("multiply nearly so where features are rounded to 8 bits", () => {
      const format = { bits, blockSize, isSymmetric } as const;
      const output = linearOutput(floats("X"), floats("W"), format);
      const relative = largestDifference(output, floats(`${name}.Y`)) / largest(output);
      expect(relative).to.be.within(1e-6, 0.02);
    });
  });
}

describe("roundToBlocks()", () => {
  it("gives codes of zeros to a block of zeros", () => {
    const { codes, scales } = roundToBlocks(new Float32Array(16), 1, 16, {
      bits: 4,
      blockSize: 16,
    });
    expect([...scales]).to.deep.equal([-0]);
    expect(codes.every((code) => code === 8)).to.equal(true);
  });

  it("has a shorter last block where rows are no multiple of the block", () => {
    const weights = Float32Array.from({ length: 2 * 20 }, (_, i) => Math.sin(i));
    const quantized = roundToBlocks(weights, 2, 20, { bits: 8, blockSize: 16 });
    expect(quantized.scales.length).to.equal(4);
    expect(packBlocks(quantized).bytes.length).to.equal(2 * 2 * 16);
    expect(largestDifference(dequantizeBlocks(quantized), weights)).to.be.below(1 / 128);
  });

  it("refuses blocks that ONNX Runtime cannot read", () => {
    const round = (): unknown =>
      roundToBlocks(new Float32Array(24), 1, 24, { bits: 4, blockSize: 24 });
    expect(round).to.throw("expected blocks of a power of two from 16 on, got 24");
  });
});

describe("packBlocks()", () => {
  it("refuses codes without a scale for each block", () => {
    const matrix = { rows: 1, columns: 32, bits: 4, blockSize: 16 } as const;
    const pack = (): unknown =>
      packBlocks({ ...matrix, codes: new Uint8Array(32), scales: new Float32Array(1) });
    expect(pack).to.throw("expected 2 scales and zero points, got 1 and none");
  });
});

function largest(values: Float32Array): number {
  return values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return largest(a.map((x, i) => x - b[i]!));
}
