import { expect } from "chai";
import { describe, it } from "mocha";

import {
  cholesky,
  inverseFromCholesky,
  solveLower,
  solveUpper,
} from "../../../framework/base/cholesky.ts";

describe("cholesky()", () => {
  const matrix = Float64Array.of(4, 2, 2, 5);

  it("gives the lower triangle whose square is the matrix", () => {
    expect(cholesky(matrix, 2)).to.deep.equal(Float64Array.of(2, 0, 1, 2));
  });

  it("gives nothing for a matrix that is not positive definite", () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).to.equal(undefined);
  });

  it("solves and inverts", () => {
    const lower = cholesky(matrix, 2)!;
    const x = solveUpper(lower, solveLower(lower, Float64Array.of(8, 9)));
    expect([...x]).to.deep.equal([1.375, 1.25]);
    expect([...inverseFromCholesky(lower, 2)]).to.deep.equal([0.3125, -0.125, -0.125, 0.25]);
  });

  it("inverts what has more than two rows", () => {
    const lower = Float64Array.of(2, 0, 0, 1, 3, 0, -1, 2, 1);
    const inverse = inverseFromCholesky(lower, 3);
    const whole = Array.from({ length: 9 }, (_, at) => {
      const [i, j] = [Math.floor(at / 3), at % 3];
      return [0, 1, 2].reduce((sum, k) => sum + lower[i * 3 + k]! * lower[j * 3 + k]!, 0);
    });
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const entry = [0, 1, 2].reduce(
          (sum, k) => sum + whole[i * 3 + k]! * inverse[k * 3 + j]!,
          0,
        );
        expect(entry).to.be.closeTo(i === j ? 1 : 0, 1e-12);
      }
    }
  });
});
