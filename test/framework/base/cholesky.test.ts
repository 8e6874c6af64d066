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
});
