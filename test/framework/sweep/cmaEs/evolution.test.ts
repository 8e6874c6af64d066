import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { Evolution } from "../../../../framework/sweep/cmaEs/evolution.ts";
import { symmetricEigen } from "../../../../framework/sweep/cmaEs/symmetricEigen.ts";

describe("symmetricEigen()", () => {
  it("has NumPy's values, and vectors that give the matrix back", () => {
    const matrix = Float64Array.of(4, 1, -2, 1, 3, 0.5, -2, 0.5, 1);
    const { values, vectors } = symmetricEigen(matrix, 3);
    // numpy.linalg.eigvalsh
    const expected = [-0.252609916663607, 3.034654141519038, 5.217955775144567];
    [...values]
      .sort((a, b) => a - b)
      .forEach((value, i) => {
        expect(value).to.be.closeTo(expected[i]!, 1e-12);
      });
    for (const [at, value] of matrix.entries()) {
      const [i, j] = [Math.floor(at / 3), at % 3];
      const sum = values.reduce((total, each, k) => {
        return total + vectors[i * 3 + k]! * each * vectors[j * 3 + k]!;
      }, 0);
      expect(sum).to.be.closeTo(value, 1e-12);
    }
  });
});

describe("Evolution", () => {
  it("has the population of the tutorial's table", () => {
    expect([2, 10, 40].map((n) => new Evolution(n).populationSize)).to.deep.equal([6, 10, 15]);
  });

  it("finds the bottom of a narrow turned valley", () => {
    const evolution = new Evolution(3);
    const stream = new RandomStream(1, "test");
    let best = Infinity;
    for (let generation = 0; generation < 120; generation++) {
      const tried = Array.from({ length: evolution.populationSize }, () => {
        const place = evolution.draw(stream);
        const [x, y, z] = [place[0]! - 0.3, place[1]! - 0.6, place[2]! - 0.8];
        const value = (x + y + z) ** 2 + 1000 * (x - y) ** 2 + 1000 * (y - z) ** 2;
        best = Math.min(best, value);
        return { place, value };
      });
      evolution.tell(tried);
    }
    expect(best).to.be.below(1e-10);
  });

  it("draws inside the cube", () => {
    const evolution = new Evolution(2);
    const stream = new RandomStream(2, "test");
    for (let i = 0; i < 200; i++) {
      for (const each of evolution.draw(stream)) expect(each).to.be.within(0, 1);
    }
  });
});
