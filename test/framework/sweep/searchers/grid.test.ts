import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../../framework/sweep/point.ts";
import { gridSearcher } from "../../../../framework/sweep/searchers/grid.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("gridSearcher()", () => {
  const load = sweepSpecs();

  function points(parameters: string): unknown[] {
    const space = load(`method: grid\nprogram: base.yaml\n${parameters}`);
    const searcher = gridSearcher({ space, seed: 0 });
    const all = Array.from({ length: searcher.count ?? 0 }, (_, i) => searcher.suggest(i, []));
    expect(searcher.suggest(all.length, [])).to.equal(undefined);
    return all.map((point) => point && plainPoint(point));
  }

  searcherContract(gridSearcher, () => load(contractSpace));

  it("sorts names by bytes, has the last one fastest, and keeps the values' order", () => {
    const found = points(
      "parameters: { lr: { values: [0.1, 0.01] }, Z: { value: 5 }, n: { min: 1, max: 2 } }",
    );
    expect(found).to.deep.equal([
      { Z: 5, lr: 0.1, n: 1 },
      { Z: 5, lr: 0.1, n: 2 },
      { Z: 5, lr: 0.01, n: 1 },
      { Z: 5, lr: 0.01, n: 2 },
    ]);
  });

  it("sorts nested names where their parent stands", () => {
    const found = points(`parameters:
  opt-b: { value: 1 }
  opt: { parameters: { name: { values: [sgd, adam] }, beta: { value: 0.9 } } }
  m: { value: true }`);
    expect(found.map((point) => JSON.stringify(point))).to.deep.equal([
      '{"m":true,"opt.beta":0.9,"opt.name":"sgd","opt-b":1}',
      '{"m":true,"opt.beta":0.9,"opt.name":"adam","opt-b":1}',
    ]);
  });

  it("takes equal values once, 1 and 1.0 among them", () => {
    const found = points("parameters: { d: { values: [{ k: 1 }, { k: 2 }, null, 1, 1.0, 1] } }");
    expect(found).to.deep.equal([{ d: { k: 1 } }, { d: { k: 2 } }, { d: null }, { d: 1 }]);
  });

  it("steps through q_uniform without its end", () => {
    const found = points("parameters: { q: { distribution: q_uniform, min: 0, max: 1, q: 0.5 } }");
    expect(found).to.deep.equal([{ q: 0 }, { q: 0.5 }]);
  });

  it("leaves out what conditions exclude, and then equal points", () => {
    const found = points(`parameters:
  name: { values: [sgd, adam] }
  momentum: { values: [0, 0.9], when: name == "sgd" }
  nesterov: { values: [true, false], when: momentum > 0 }`);
    expect(found).to.deep.equal([
      { momentum: 0, name: "sgd" },
      { name: "adam" },
      { momentum: 0.9, name: "sgd", nesterov: true },
      { momentum: 0.9, name: "sgd", nesterov: false },
    ]);
  });

  it("leaves out points that break a constraint", () => {
    const found = points(`parameters: { a: { values: [4, 6] }, b: { values: [2, 3, 4] } }
constraints: [a % b == 0]`);
    expect(found).to.deep.equal([
      { a: 4, b: 2 },
      { a: 4, b: 4 },
      { a: 6, b: 2 },
      { a: 6, b: 3 },
    ]);
  });

  it("refuses a grid that nobody can walk", () => {
    expect(() =>
      points("parameters: { a: { min: 1, max: 2000 }, b: { min: 1, max: 2000 } }"),
    ).to.throw(
      "Cannot make a grid: expected at most 1000000 combinations, got 4000000; set method: random",
    );
  });
});
