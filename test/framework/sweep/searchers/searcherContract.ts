import { expect } from "chai";
import { it } from "mocha";

import { plainPoint, type SearchSpace } from "../../../../framework/sweep/point.ts";
import type { CreateSearcher, Observation } from "../../../../framework/sweep/searcher.ts";

/** What the runner relies on. */
export function searcherContract(create: CreateSearcher, space: () => SearchSpace): void {
  const length = 12;

  /** A fresh searcher's first points, each told of those before it. */
  function firstPoints(seed = 0): Record<string, unknown>[] {
    const searcher = create({ space: space(), seed });
    const observations: Observation[] = [];
    for (let index = 0; index < length; index++) {
      const point = searcher.suggest(index, observations);
      if (!point) break;
      observations.push({ index, point, values: [Number(plainPoint(point)["x"])] });
    }
    return observations.map(({ point }) => plainPoint(point));
  }

  it("gives the same points again", () => {
    expect(firstPoints()).to.deep.equal(firstPoints());
    expect(firstPoints()).to.not.deep.equal([]);
  });

  it("gives no point twice", () => {
    const texts = firstPoints().map((point) => JSON.stringify(point));
    expect(new Set(texts).size).to.equal(texts.length);
  });

  it("keeps to bounds, conditions and constraints", () => {
    for (const point of firstPoints()) {
      expect(point["x"]).to.be.within(1, 6);
      expect(point["kind"]).to.be.oneOf(["flat", "steep"]);
      expect(Object.keys(point)).to.deep.equal(
        point["kind"] === "steep" ? ["kind", "slope", "x"] : ["kind", "x"],
      );
      expect([point["kind"], point["x"]]).to.not.deep.equal(["flat", 3]);
    }
  });

  it("gives a point again when it is asked for it again", () => {
    const searcher = create({ space: space(), seed: 0 });
    const first = searcher.suggest(0, []);
    searcher.suggest(1, []);
    expect(searcher.suggest(0, [])).to.deep.equal(first);
  });
}

/** The space of the contract. */
export const contractSpace = `
method: random
program: base.yaml
parameters:
  kind: { values: [flat, steep] }
  slope: { values: [0.5, 2], when: kind == "steep" }
  x: { min: 1, max: 6 }
constraints: [not (kind == "flat" and x == 3)]
`;
