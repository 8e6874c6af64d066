import { expect } from "chai";
import { describe, it } from "mocha";
import { gptq, roundToBlocks } from "seedbed";

import { matrixError } from "../../../experiments/nanoQuantization/matrixErrors.ts";

describe("matrixError()", () => {
  it("is the difference's share of weights, and of outputs", () => {
    const original = { shape: [2, 2], values: Float32Array.of(3, 4, 0, 5) };
    const codes = {
      ...{ outputs: 2, inputs: 2, scales: Float32Array.of(1, 1) },
      codes: Int8Array.of(3, 4, 0, 4),
    };
    // features (1, 0), (0, 2), (1, 2): outputs were (3, 0), (8, 10), (11, 10), and differ by 0, 2, 2
    const gram = Float64Array.of(2, 2, 2, 8);
    const { name, weights, outputs } = matrixError("x", original, codes, gram);
    expect(name).to.equal("x");
    expect(weights).to.be.closeTo(Math.sqrt(1 / 50), 1e-12);
    expect(outputs).to.be.closeTo(Math.sqrt(8 / (9 + 164 + 221)), 1e-12);
    expect(matrixError("x", original, codes).outputs).to.equal(undefined);
  });

  it("finds less of it in outputs where GPTQ knew the features", () => {
    const size = 32;
    const values = Float32Array.from({ length: 4 * size }, (_, i) => Math.sin(3 * i + (i % 5)));
    const features = Array.from({ length: 64 }, (_, row) =>
      Array.from(
        { length: size },
        (__, i) => Math.cos(row * 0.7 + i * 0.2) + 0.3 * Math.sin(row * i),
      ),
    );
    const gram = Float64Array.from({ length: size * size }, (_, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      return features.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
    });
    const format = { bits: 4, blockSize: 32 } as const;
    const original = { shape: [4, size], values };
    const of = (matrix: ReturnType<typeof gptq>) => matrixError("x", original, matrix, gram);
    const rounded = of(roundToBlocks(values.slice(), 4, size, format));
    const corrected = of(gptq(values.slice(), 4, size, gram, format));
    expect(corrected.outputs).to.be.below(0.7 * rounded.outputs!);
    expect(corrected.weights).to.be.above(rounded.weights);
  });
});
