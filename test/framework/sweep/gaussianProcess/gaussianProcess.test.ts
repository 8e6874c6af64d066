import { expect } from "chai";
import { describe, it } from "mocha";

import { cholesky, inverseFromCholesky } from "../../../../framework/base/cholesky.ts";
import { evenValues } from "../../../../framework/sweep/gaussianProcess/evenValues.ts";
import {
  logExpectedImprovement,
  logImprovementSlope,
} from "../../../../framework/sweep/gaussianProcess/expectedImprovement.ts";
import {
  fitKernel,
  GaussianProcess,
  type Prediction,
} from "../../../../framework/sweep/gaussianProcess/gaussianProcess.ts";
import {
  fromLogs,
  logPosterior,
  toLogs,
} from "../../../../framework/sweep/gaussianProcess/marginalLikelihood.ts";

const places = [
  [0.1, 0.2],
  [0.5, 0.9],
  [0.8, 0.3],
].map((row) => Float64Array.from(row));
const values = Float64Array.of(-1, 0.2, 1.1);
const settings = { inverseSquares: Float64Array.of(4, 1), scale: 1.5, noise: 0.1 };

describe("cholesky()", () => {
  it("is the root of a matrix, from which its inverse follows", () => {
    const lower = cholesky(Float64Array.of(4, 0, 2, 5), 2)!;
    expect([...lower]).to.deep.equal([2, 0, 1, 2]);
    expect([...inverseFromCholesky(lower, 2)]).to.deep.equal([0.3125, -0.125, -0.125, 0.25]);
  });

  it("has none for a matrix that is not positive definite", () => {
    expect(cholesky(Float64Array.of(1, 0, 2, 1), 2)).to.equal(undefined);
  });
});

describe("GaussianProcess", () => {
  it("predicts what NumPy's linear algebra gives", () => {
    const { mean, deviation } = new GaussianProcess(settings, places, values).predict(
      Float64Array.of(0.4, 0.4),
    );
    expect(mean).to.be.closeTo(-0.11024089090895917, 1e-12);
    expect(deviation).to.be.closeTo(0.5259798685205654, 1e-12);
  });

  it("has the slopes that differences have", () => {
    const process = new GaussianProcess(settings, places, values);
    const place = Float64Array.of(0.4, 0.45);
    const found = process.predictSlopes(place);
    const { mean, deviation } = process.predict(place);
    expect(found.mean).to.be.closeTo(mean, 1e-12);
    expect(found.deviation).to.be.closeTo(deviation, 1e-12);
    const gain = logImprovementSlope(found, -0.5);
    for (const d of [0, 1]) {
      const moved = (step: number): Prediction =>
        process.predict(place.map((each, i) => (i === d ? each + step : each)));
      const [above, below] = [moved(1e-5), moved(-1e-5)];
      const slopeOf = (of: (each: Prediction) => number): number => (of(above) - of(below)) / 2e-5;
      expect(found.meanSlope[d]).to.be.closeTo(
        slopeOf((each) => each.mean),
        1e-8,
      );
      expect(found.deviationSlope[d]).to.be.closeTo(
        slopeOf((each) => each.deviation),
        1e-8,
      );
      const improvement = slopeOf((each) => logExpectedImprovement(each, -0.5));
      expect(gain.gradient[d]).to.be.closeTo(improvement, 1e-7);
    }
  });

  it("knows little far from what it has seen", () => {
    const process = new GaussianProcess(settings, places, values);
    expect(process.predict(Float64Array.of(50, 50)).deviation).to.be.closeTo(Math.sqrt(1.5), 1e-9);
  });
});

describe("logPosterior()", () => {
  it("is NumPy's marginal likelihood and the priors", () => {
    const priors =
      Math.log(1.5) - 1.5 + 0.1 * Math.log(0.1) - 30 * 0.1 - 0.1 * (4 + 1 / 4) - 0.1 * (1 + 1);
    const { value } = logPosterior(settings, places, values)!;
    expect(value).to.be.closeTo(-4.129277785275514 + priors, 1e-12);
  });

  it("has the slopes that differences have", () => {
    const logs = toLogs(settings);
    const { gradient } = logPosterior(settings, places, values)!;
    const at = (i: number, step: number): number => {
      const moved = logs.map((log, d) => (d === i ? log + step : log));
      return logPosterior(fromLogs(moved), places, values)!.value;
    };
    for (const [i, slope] of gradient.entries()) {
      expect(slope).to.be.closeTo((at(i, 1e-5) - at(i, -1e-5)) / 2e-5, 1e-7);
    }
  });
});

describe("fitKernel()", () => {
  it("finds which dimension matters", () => {
    const grid = Array.from({ length: 25 }, (_, i) =>
      Float64Array.of((i % 5) / 4, (i - (i % 5)) / 20),
    );
    const waves = Float64Array.from(grid, ([x]) => Math.sin(6 * x!));
    const { inverseSquares, noise } = fitKernel(grid, waves, 2);
    expect(inverseSquares[0]).to.be.above(10 * inverseSquares[1]!);
    expect(noise).to.be.below(0.01);
  });
});

describe("logExpectedImprovement()", () => {
  // By mpmath with 40 digits: log(φ(z) + z Φ(z)).
  for (const [z, expected] of [
    [1, 0.0800262188493069],
    [-1, -2.48512102571264],
    [-5.5, -19.543071452824],
    [-7, -29.368107183141],
    [-20, -206.917838509425],
  ] as const) {
    it(`is precise ${z} deviations from the best`, () => {
      const found = logExpectedImprovement({ mean: -2 * z, deviation: 2 }, 0);
      expect(found).to.be.closeTo(Math.log(2) + expected, Math.abs(z) < 6 ? 1e-9 : 1e-3);
    });
  }
});

describe("evenValues()", () => {
  it("bends outliers back, as SciPy's yeojohnson does with the likeliest power", () => {
    const expected = [-0.7157589355923756, -0.5634582202021073, -0.4186321827259599];
    const found = evenValues([0, 1, 2, 3, 100]);
    expected.forEach((value, i) => expect(found[i]).to.be.closeTo(value, 1e-9));
  });

  it("takes what is not finite for the worst, and keeps the order", () => {
    const found = evenValues([3, Number.NaN, 1, Infinity, 2]);
    expect(found[1]).to.equal(found[0]);
    expect(found[3]).to.equal(found[0]);
    expect(found[2]).to.be.below(found[4]!);
  });

  it("gives zeros for values that are all alike", () => {
    for (const value of evenValues([4, 4, 4])) expect(value).to.be.closeTo(0, 0);
  });
});
