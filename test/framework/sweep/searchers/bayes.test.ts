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
