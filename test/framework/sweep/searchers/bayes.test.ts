import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../../framework/sweep/point.ts";
import type { Observation, Searcher } from "../../../../framework/sweep/searcher.ts";
import { bayesSearcher } from "../../../../framework/sweep/searchers/bayes.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { learningContract } from "./learningContract.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("bayesSearcher()", () => {
  const load = sweepSpecs();
  const head = "method: bayes\nmetric: { name: x }\nprogram: base.yaml\n";

  searcherContract(bayesSearcher, () => load(contractSpace));
  learningContract(bayesSearcher, load);

  it("does not learn from the value of what was stopped early, and keeps away from it", () => {
    const space = load(`${head}parameters: { x: { min: 0.0, max: 1.0 } }`);
    const suggested = (shown: number, stopped: boolean): number => {
      const searcher: Searcher = bayesSearcher({ space, seed: 5 });
      const observations: Observation[] = [];
      for (let index = 0; index < 13; index++) {
        const point = searcher.suggest(index, observations)!;
        const x = Number(plainPoint(point)["x"]);
        const isEarly = stopped && index === 12;
        const values = [isEarly ? shown : (x - 0.4) ** 2];
        observations.push({ index, point, values, ...(isEarly && { stoppedAt: 5 }) });
      }
      return Number(plainPoint(searcher.suggest(13, observations)!)["x"]);
    };
    expect(suggested(-100, true)).to.equal(suggested(100, true));
    expect(suggested(-100, true)).to.not.equal(suggested(0, false));
  });

  it("comes close to the bottom of a bowl in 25 points", () => {
    const space = load(
      `${head}parameters: { x: { min: -5.0, max: 5.0 }, y: { min: -5.0, max: 5.0 } }`,
    );
    const observations: Observation[] = [];
    const searcher: Searcher = bayesSearcher({ space, seed: 3 });
    for (let index = 0; index < 25; index++) {
      const point = searcher.suggest(index, observations)!;
      const { x, y } = plainPoint(point);
      observations.push({ index, point, values: [(Number(x) - 1) ** 2 + (Number(y) + 2) ** 2] });
    }
    expect(Math.min(...observations.map(({ values }) => values[0]!))).to.be.below(0.01);
  });
});
