import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../../framework/sweep/point.ts";
import { randomSearcher } from "../../../../framework/sweep/searchers/random.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("randomSearcher()", () => {
  const load = sweepSpecs();

  function points(parameters: string, count: number, seed = 0): Record<string, unknown>[] {
    const space = load(`method: random\nprogram: base.yaml\n${parameters}`);
    const searcher = randomSearcher({ space, seed });
    const found = Array.from({ length: count }, (_, i) => searcher.suggest(i, []));
    return found.flatMap((point) => (point ? [plainPoint(point)] : []));
  }

  searcherContract(randomSearcher, () => load(contractSpace));

  it("draws other points for another seed", () => {
    const parameters = "parameters: { x: { min: 0.0, max: 1.0 } }";
    expect(points(parameters, 2, 1)).to.not.deep.equal(points(parameters, 2, 2));
  });

  it("draws each parameter as if it were alone", () => {
    const alone = points("parameters: { x: { min: 0.0, max: 1.0 } }", 5);
    const both = points("parameters: { a: { min: 0.0, max: 1.0 }, x: { min: 0.0, max: 1.0 } }", 5);
    expect(both.map(({ x }) => ({ x }))).to.deep.equal(alone);
  });

  it("covers a distribution", () => {
    const values = points("parameters: { x: { min: 0.0, max: 2.0 } }", 400).map(({ x }) =>
      Number(x),
    );
    expect(values.reduce((sum, x) => sum + x, 0) / 400).to.be.closeTo(1, 3 * (0.577 / 20));
    expect(Math.min(...values)).to.be.lessThan(0.02);
    expect(Math.max(...values)).to.be.greaterThan(1.98);
  });

  it("ends when there is no other point", () => {
    const found = points("parameters: { x: { values: [1, 2, 3] } }", 5);
    expect(found.map(({ x }) => x)).to.have.members([1, 2, 3]);
  });

  it("ends at once when no point meets the constraints", () => {
    const found = points("parameters: { x: { min: 1, max: 9 } }\nconstraints: [x > 9]", 1);
    expect(found).to.deep.equal([]);
  });
});
