import { expect } from "chai";
import { describe, it } from "mocha";

import { parseSpecText } from "../../../../framework/spec/parseSpecText.ts";
import { plainPoint } from "../../../../framework/sweep/point.ts";
import { earlierPoint } from "../../../../framework/sweep/warmStart/earlierPoint.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";

describe("earlierPoint()", () => {
  const load = sweepSpecs();

  /** @returns the values that a run has in a space; undefined outside it */
  const found = (parameters: string, spec: string, told: Record<string, unknown> = {}): unknown => {
    const space = load(`method: random\nprogram: base.yaml\n${parameters}`);
    const point = earlierPoint(space, { parameters: told, spec: parseSpecText(spec, "spec.yaml") });
    return point && plainPoint(point);
  };

  it("looks names up among what a sweep has set, then in the run's spec", () => {
    const space = "parameters: { a.b: { min: 0.0, max: 1.0 }, c.0: { values: [x, y] } }";
    const spec = "a: { b: 0.5 }\nc: [y, z]";
    expect(found(space, spec)).to.deep.equal({ "a.b": 0.5, "c.0": "y" });
    expect(found(space, spec, { "a.b": 0.25 })).to.deep.equal({ "a.b": 0.25, "c.0": "y" });
    expect(found(space, "c: [x]")).to.equal(undefined);
  });

  for (const [domain, inside, outside] of [
    ["{ min: 1, max: 3 }", [1, 3], [0, 4, 1.5, "2"]],
    ["{ min: 1.0, max: 3.0 }", [1, 2.5], [0.99, 3.01]],
    ["{ distribution: log_uniform_values, min: 0.01, max: 1 }", [0.01, 0.5], [0, 2]],
    ["{ distribution: q_uniform, min: 0, max: 1, q: 0.25 }", [0, 0.75], [0.3, 1.25]],
    ["{ distribution: normal, mu: 0, sigma: 1 }", [-9, 9], ["x"]],
    ["{ distribution: log_normal }", [0.1], [0, -1]],
    ["{ distribution: beta, a: 2, b: 2 }", [0, 0.3], [1.1]],
    ["{ values: [1, { y: [2] }, null] }", [1, { y: [2] }, null], [2, { y: 2 }]],
    ["{ value: 5 }", [5], [6]],
  ] as const) {
    it(`takes what ${domain} could be, and nothing else`, () => {
      for (const value of inside) {
        expect(found(`parameters: { p: ${domain} }`, "{}", { p: value })).to.deep.equal({
          p: value,
        });
      }
      for (const value of outside) {
        expect(found(`parameters: { p: ${domain} }`, "{}", { p: value })).to.equal(undefined);
      }
    });
  }

  it("leaves out what is not in use, and asks for what is", () => {
    const space = `parameters:
  kind: { values: [a, b] }
  only: { min: 0.0, max: 1.0, when: kind == "b" }`;
    expect(found(space, "kind: a\nonly: 7")).to.deep.equal({ kind: "a" });
    expect(found(space, "kind: b\nonly: 0.5")).to.deep.equal({ kind: "b", only: 0.5 });
    expect(found(space, "kind: b\nonly: 7")).to.equal(undefined);
    expect(found(space, "kind: b")).to.equal(undefined);
  });

  it("keeps to constraints", () => {
    const space = "parameters: { p: { min: 1, max: 9 } }\nconstraints: [p != 3]";
    expect(found(space, "p: 2")).to.deep.equal({ p: 2 });
    expect(found(space, "p: 3")).to.equal(undefined);
  });
});
