import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { addedPoint } from "../../../framework/sweep/addedPoint.ts";
import { plainPoint } from "../../../framework/sweep/point.ts";
import { sweepSpecs } from "../../support/sweepSpecs.ts";

const text = `method: random
metric: { name: x }
program: base.yaml
constraints: [depth != 3]
parameters:
  kind: { values: [sgd, { name: adam }], labels: [plain, fancy] }
  rate: { distribution: log_uniform_values, min: 0.0001, max: 1 }
  depth: { min: 1, max: 8 }
  width: { distribution: q_uniform, min: 0, max: 64, q: 8 }
  momentum: { min: 0.0, max: 1.0, when: kind == "sgd" }
`;

describe("addedPoint()", () => {
  const load = sweepSpecs();
  const add = (words: string[], number = 0): Record<string, unknown> =>
    plainPoint(addedPoint(load(text), words, { seed: 1, number }));

  it("has what is given, by value or by label, and draws the rest", () => {
    const found = add(["kind=fancy", "rate=1e-2", "depth=4"]);
    expect(found).to.deep.include({ kind: { name: "adam" }, rate: 0.01, depth: 4 });
    expect(found).to.not.have.property("momentum");
    expect(found["width"]).to.be.within(0, 64);
    expect(add(["kind={name: adam}"])["kind"]).to.deep.equal({ name: "adam" });
    expect(add(["kind=sgd"])["momentum"]).to.be.within(0, 1);
  });

  it("draws the same again, and other values for another point", () => {
    expect(add(["depth=4"])).to.deep.equal(add(["depth=4"]));
    expect(add(["depth=4"])["rate"]).to.not.equal(add(["depth=4"], 1)["rate"]);
  });

  for (const [words, problem] of [
    [["rat=1"], 'the sweep has no parameter "rat"; did you mean "rate"?'],
    [["rate"], 'expected parameter=value, got "rate"'],
    [["rate=2"], "rate is from 0.0001 to 1, got 2"],
    [["rate=fast"], "rate is a number, got fast"],
    [["depth=2.5"], "depth is a whole number, got 2.5"],
    [["width=12"], "width is a multiple of 8, got 12"],
    [["kind=rmsProp"], 'kind is one of "sgd", {"name":"adam"}, got rmsProp'],
    [["kind=fancy", "momentum=0.5"], "momentum has no value where the others are as given"],
    [["depth=3"], "expected values that meet the constraints depth != 3"],
  ] as const) {
    it(`refuses ${words.join(" ")}`, () => {
      expect(() => add([...words])).to.throw(InputError, `Cannot add a trial: ${problem}`);
    });
  }
});
