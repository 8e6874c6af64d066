import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint, type Point } from "../../../../framework/sweep/point.ts";
import type { Observation, Searcher } from "../../../../framework/sweep/searcher.ts";
import { randomSearcher } from "../../../../framework/sweep/searchers/random.ts";
import { splitObservations, tpeSearcher } from "../../../../framework/sweep/searchers/tpe.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

/** Smallest value 0.397887. Source: Branin 1972. */
function branin({ x, y }: Record<string, unknown>): number {
  const [a, b] = [Number(x), Number(y)];
  const bowl = (b - (5.1 / (4 * Math.PI ** 2)) * a * a + (5 / Math.PI) * a - 6) ** 2;
  return bowl + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10;
}

describe("tpeSearcher()", () => {
  const load = sweepSpecs();
  const head = "method: tpe\nmetric: { name: x }\nprogram: base.yaml\n";
  const plane = `${head}parameters: { x: { min: -5.0, max: 10.0 }, y: { min: 0.0, max: 15.0 } }`;

  searcherContract(tpeSearcher, () => load(contractSpace));

  function search(
    searcher: Searcher,
    count: number,
    score: (point: Record<string, unknown>) => number,
    observations: Observation[] = [],
  ): Observation[] {
    for (let index = observations.length; index < count; index++) {
      const point = searcher.suggest(index, observations);
      if (!point) break;
      observations.push({ index, point, value: score(plainPoint(point)) });
    }
    return observations;
  }

  it("finds better points than chance does, in the median of nine seeds", () => {
    const space = load(plane);
    const median = (create: typeof tpeSearcher): number => {
      const best = Array.from({ length: 9 }, (_, seed) =>
        Math.min(...search(create({ space, seed }), 50, branin).map(({ value }) => value)),
      );
      return best.sort((a, b) => a - b)[4]!;
    };
    expect(median(tpeSearcher)).to.be.lessThan(0.8 * median(randomSearcher));
  });

  it("learns which choice is good, and the parameters that only it has", () => {
    const space = load(`${head}parameters:
  kind: { values: [bad, good] }
  rate: { distribution: log_uniform_values, min: 0.0001, max: 1, when: kind == "good" }
  width: { distribution: normal, mu: 5, sigma: 2 }
  depth: { min: 1, max: 9 }`);
    const found = search(tpeSearcher({ space, seed: 1 }), 60, ({ kind, rate, width, depth }) => {
      const miss = Math.abs(Math.log10(Number(rate ?? 1)) + 2) + Math.abs(Number(width) - 7);
      return (kind === "good" ? 0 : 10) + miss + Math.abs(Number(depth) - 3);
    });
    const late = found.slice(30).map(({ point }) => plainPoint(point));
    expect(late.filter(({ kind }) => kind === "good").length).to.be.at.least(24);
    expect(Math.min(...found.map(({ value }) => value))).to.be.lessThan(1.5);
  });

  it("goes on with the points of an earlier process as that one would have", () => {
    const space = load(plane);
    const whole = search(tpeSearcher({ space, seed: 2 }), 20, branin);
    const later = tpeSearcher({ space, seed: 2 });
    for (const { point } of whole.slice(0, 15)) later.adopt!(point);
    const resumed = search(later, 20, branin, whole.slice(0, 15));
    const plain = (all: Observation[]): unknown[] => all.map(({ point }) => plainPoint(point));
    expect(plain(resumed)).to.deep.equal(plain(whole));
  });

  it("ends when every point of a small space was tried", () => {
    const space = load(`${head}parameters: { a: { values: [1, 2, 3, 4] }, b: { min: 1, max: 4 } }`);
    expect(search(tpeSearcher({ space, seed: 0 }), 30, ({ a }) => Number(a))).to.have.length(16);
  });
});

describe("splitObservations()", () => {
  const point: Point = new Map();

  it("takes the best tenth, rounded up, and at most 25; NaN is the worst", () => {
    for (const [count, best] of [
      [1, 1],
      [10, 1],
      [11, 2],
      [240, 24],
      [500, 25],
    ] as const) {
      const values = Array.from({ length: count }, (_, index) => ({ index, point, value: -index }));
      const { below, above } = splitObservations(values);
      expect(below.map(({ index }) => index)).to.deep.equal(
        values.slice(count - best).map(({ index }) => index),
      );
      expect(above).to.have.length(count - best);
    }
    const bad = { index: 0, point, value: Number.NaN };
    expect(splitObservations([bad, { ...bad, index: 1, value: 9 }]).below[0]?.index).to.equal(1);
  });
});
