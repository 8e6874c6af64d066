import { expect } from "chai";
import { it } from "mocha";

import type { SweepSpec } from "../../../../framework/spec/sweepSpec.ts";
import { plainPoint } from "../../../../framework/sweep/point.ts";
import type {
  CreateSearcher,
  Observation,
  Searcher,
} from "../../../../framework/sweep/searcher.ts";
import { randomSearcher } from "../../../../framework/sweep/searchers/random.ts";
import { branin } from "../../../bench/searchers/objectives.ts";

const head = "method: random\nmetric: { name: x }\nprogram: base.yaml\n";
const plane = `${head}parameters: { x: { min: -5.0, max: 10.0 }, y: { min: 0.0, max: 15.0 } }`;

const bowls = ({ x, y }: Record<string, unknown>): number => branin([Number(x), Number(y)]);

type Score = (point: Record<string, unknown>) => number;

/** Asks for points up to a number of them, telling each time what was found. */
function search(
  searcher: Searcher,
  count: number,
  score: Score,
  observations: Observation[] = [],
): Observation[] {
  for (let index = observations.length; index < count; index++) {
    const point = searcher.suggest(index, observations);
    if (!point) break;
    observations.push({ index, point, values: [score(plainPoint(point))] });
  }
  return observations;
}

type Load = (text: string) => SweepSpec;

/** @param trials that each search has */
export function betterThanChance(create: CreateSearcher, load: Load, trials = 35): void {
  it("finds better points than chance does, in the median of three seeds", () => {
    const space = load(plane);
    const median = (each: CreateSearcher): number => {
      const best = Array.from({ length: 3 }, (_, seed) =>
        Math.min(...search(each({ space, seed }), trials, bowls).map(({ values }) => values[0]!)),
      );
      return best.sort((a, b) => a - b)[1]!;
    };
    expect(median(create)).to.be.lessThan(0.8 * median(randomSearcher));
  });
}

/** After a restart the points of before are there. */
export function adoptionContract(create: CreateSearcher, load: Load): void {
  it("goes on with the points of an earlier process as that one would have", () => {
    const space = load(plane);
    const whole = search(create({ space, seed: 2 }), 16, bowls);
    const later = create({ space, seed: 2 });
    for (const { point } of whole.slice(0, 13)) later.adopt!(point);
    const resumed = search(later, 16, bowls, whole.slice(0, 13));
    const plain = (all: Observation[]): unknown[] => all.map(({ point }) => plainPoint(point));
    expect(plain(resumed)).to.deep.equal(plain(whole));
  });
}

/**
 * Of searchers that learn from what was found.
 *
 * @param trials after which two parameters are better than chance
 * @param miss that 40 points of four parameters leave
 */
export function learningContract(
  create: CreateSearcher,
  load: Load,
  { trials = 35, miss = 1.5 }: { trials?: number; miss?: number } = {},
): void {
  betterThanChance(create, load, trials);
  adoptionContract(create, load);

  it("learns which choice is good, and the parameters that only it has", () => {
    const space = load(`${head}parameters:
  kind: { values: [bad, good] }
  rate: { distribution: log_uniform_values, min: 0.0001, max: 1, when: kind == "good" }
  width: { distribution: normal, mu: 5, sigma: 2 }
  depth: { min: 1, max: 9 }`);
    const found = search(create({ space, seed: 1 }), 40, ({ kind, rate, width, depth }) => {
      const off = Math.abs(Math.log10(Number(rate ?? 1)) + 2) + Math.abs(Number(width) - 7);
      return (kind === "good" ? 0 : 10) + off + Math.abs(Number(depth) - 3);
    });
    const late = found.slice(20).map(({ point }) => plainPoint(point));
    expect(late.filter(({ kind }) => kind === "good").length).to.be.at.least(13);
    expect(Math.min(...found.map(({ values }) => values[0]!))).to.be.lessThan(miss);
  });

  it("ends when every point of a small space was tried", () => {
    const space = load(`${head}parameters: { a: { values: [1, 2, 3, 4] }, b: { min: 1, max: 4 } }`);
    expect(search(create({ space, seed: 0 }), 30, ({ a }) => Number(a))).to.have.length(16);
  });

  it("gives trials side by side points that differ, though none of them has ended", () => {
    const space = load(plane);
    const searcher = create({ space, seed: 4 });
    const observations = search(searcher, 12, bowls);
    const places = Array.from({ length: 4 }, (_, i) => {
      const { x, y } = plainPoint(searcher.suggest(12 + i, observations)!);
      return [Number(x), Number(y)] as const;
    });
    for (const [i, [x, y]] of places.entries()) {
      for (const [a, b] of places.slice(i + 1)) expect(Math.hypot(x - a, y - b)).to.be.above(0.05);
    }
  });
}
