import { expect } from "chai";
import { it } from "mocha";

import { plainPoint, type SearchSpace } from "../../../../framework/sweep/point.ts";
import type { CreateSearcher, Searcher } from "../../../../framework/sweep/searcher.ts";

/** Two parameters in [0, 1), and one that does not vary. */
export const squareSpace = `method: random
program: base.yaml
parameters: { x: { min: 0.0, max: 1.0 }, y: { min: 0.0, max: 1.0 }, z: { value: 1 } }`;

type EvenOptions = Parameters<CreateSearcher>[0] & { points: number };

/**
 * What searchers that fill the space evenly have in common.
 *
 * @returns a searcher's first points for a seed
 */
export function evenContract(
  create: (options: EvenOptions) => Searcher,
  space: () => SearchSpace,
): (count: number, seed: number) => Record<string, unknown>[] {
  const places = (count: number, seed: number): Record<string, unknown>[] => {
    const searcher = create({ space: space(), seed, points: count });
    const found = Array.from({ length: count }, (_, i) => searcher.suggest(i, []));
    return found.flatMap((point) => (point ? [plainPoint(point)] : []));
  };

  it("draws once from each part of every parameter", () => {
    for (const name of ["x", "y"]) {
      const parts = places(16, 3).map((point) => Math.floor(Number(point[name]) * 16));
      expect(new Set(parts).size).to.equal(16);
    }
  });

  it("draws other points for another seed", () => {
    expect(places(4, 1)).to.not.deep.equal(places(4, 2));
  });

  return places;
}
