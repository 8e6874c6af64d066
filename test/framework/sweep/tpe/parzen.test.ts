import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { choiceKernels } from "../../../../framework/sweep/tpe/choiceKernels.ts";
import { numberKernels, type NumberRange } from "../../../../framework/sweep/tpe/numberKernels.ts";
import { jointParzen, kernelWeights, type Parzen } from "../../../../framework/sweep/tpe/parzen.ts";

interface Case {
  obs: number[];
  points: number[];
  logDensity: number[];
}

interface Golden {
  numbers: (Case & { low: number; high: number; step: number | null; log: boolean })[];
  choices: (Case & { choices: number })[];
}

const file = path.resolve(import.meta.dirname, "../../../fixtures/sweeps/optuna-densities.json");
const golden: Golden = JSON.parse(readFileSync(file, "utf8"));

const numberParzen = (range: NumberRange, observed: number[]): Parzen =>
  jointParzen([numberKernels(range, observed)], observed.length);
const choiceParzen = (count: number, observed: number[]): Parzen =>
  jointParzen([choiceKernels(count, observed)], observed.length);

describe("numberKernels()", () => {
  for (const [i, { low, high, step, log, ...rest }] of golden.numbers.entries()) {
    it(`has Optuna's densities, case ${i}: ${rest.obs.length} of [${low}, ${high}]${step ? ` by ${step}` : ""}${log ? ", log" : ""}`, () => {
      const parzen = numberParzen({ low, high, ...(step && { step }), log }, rest.obs);
      for (const [k, point] of rest.points.entries()) {
        expect(parzen.logDensity([point])).to.be.closeTo(rest.logDensity[k]!, 1e-10);
      }
    });
  }

  it("has a mass of 1 over all steps", () => {
    const parzen = numberParzen({ low: 1, high: 6, step: 1 }, [2, 2, 5]);
    const masses = [1, 2, 3, 4, 5, 6].map((value) => Math.exp(parzen.logDensity([value])));
    expect(masses.reduce((sum, mass) => sum + mass, 0)).to.be.closeTo(1, 1e-12);
  });

  it("draws steps as often as their mass says", () => {
    const parzen = numberParzen({ low: 1, high: 4, step: 1 }, [2, 2, 3]);
    const stream = new RandomStream(1, "test");
    const draws = Array.from({ length: 4000 }, () => parzen.draw(stream)[0]!);
    for (const value of [1, 2, 3, 4]) {
      const share = draws.filter((draw) => draw === value).length / draws.length;
      expect(share).to.be.closeTo(Math.exp(parzen.logDensity([value])), 0.025);
    }
  });

  it("has kernels half as wide where they may be, and as wide where points are far apart", () => {
    const peak = (observed: number[], finer: number): number => {
      const kernels = numberKernels({ low: 0, high: 1 }, observed, finer);
      return jointParzen([kernels], observed.length).logDensity([observed[0]!]);
    };
    expect(peak([0.5, 0.51], 2) - peak([0.5, 0.51], 1)).to.be.within(0.3, Math.LN2);
    expect(peak([0.1, 0.9], 2)).to.equal(peak([0.1, 0.9], 1));
  });

  it("draws within bounds, in the logarithm too", () => {
    const parzen = numberParzen({ low: 1e-5, high: 0.1, log: true }, [1e-5, 0.1, 0.09]);
    const stream = new RandomStream(1, "test");
    const draws = Array.from({ length: 500 }, () => parzen.draw(stream)[0]!);
    expect(Math.min(...draws)).to.be.at.least(1e-5);
    expect(Math.max(...draws)).to.be.at.most(0.1);
    expect(draws.filter((draw) => draw < 1e-3).length).to.be.within(100, 400);
  });
});

describe("choiceKernels()", () => {
  for (const { choices, obs, points, logDensity } of golden.choices) {
    it(`has Optuna's masses of ${choices} choices after ${obs.length} observations`, () => {
      const parzen = choiceParzen(choices, obs);
      for (const [k, point] of points.entries()) {
        expect(parzen.logDensity([point])).to.be.closeTo(logDensity[k]!, 1e-12);
      }
    });
  }

  it("draws choices by their masses", () => {
    const parzen = choiceParzen(3, [1, 1, 1, 0]);
    const stream = new RandomStream(2, "test");
    const draws = Array.from({ length: 4000 }, () => parzen.draw(stream)[0]!);
    for (const choice of [0, 1, 2]) {
      const share = draws.filter((draw) => draw === choice).length / draws.length;
      expect(share).to.be.closeTo(Math.exp(parzen.logDensity([choice])), 0.025);
    }
  });
});

describe("jointParzen()", () => {
  const together = jointParzen(
    [
      numberKernels({ low: 0, high: 1 }, [0.1, 0.4, 0.45, 0.9]),
      numberKernels({ low: 1, high: 6, step: 1 }, [2, 2, 5, 6]),
      choiceKernels(3, [0, 1, 1, 2]),
    ],
    4,
  );

  it("has the densities of Optuna 5.0's multivariate estimator", () => {
    expect(together.logDensity([0.2, 2, 1])).to.be.closeTo(-2.407741883297495, 1e-10);
    expect(together.logDensity([0.42, 4, 1])).to.be.closeTo(-2.402692250470966, 1e-10);
    expect(together.logDensity([0.99, 6, 2])).to.be.closeTo(-1.9593054527912288, 1e-10);
  });

  it("draws values of one kernel together", () => {
    const narrow = jointParzen(
      [numberKernels({ low: 0, high: 1 }, [0.1, 0.1]), choiceKernels(2, [0, 0])],
      2,
    );
    const stream = new RandomStream(3, "test");
    const draws = Array.from({ length: 300 }, () => narrow.draw(stream));
    expect(draws.filter(([, choice]) => choice === 0).length).to.be.above(200);
  });
});

describe("kernelWeights()", () => {
  it("counts the newest 25 fully, and older ones less the older they are", () => {
    expect(kernelWeights(1)).to.deep.equal([0.5, 0.5]);
    const weights = kernelWeights(28);
    const last = weights[28]!;
    expect(weights.slice(0, 4).map((weight) => Number((weight / last).toFixed(6)))).to.deep.equal([
      0.035714, 0.517857, 1, 1,
    ]);
  });
});
