import { expect } from "chai";
import { describe, it } from "mocha";

import { refuses, sweepSpecs } from "../../support/sweepSpecs.ts";

const head = "method: grid\nprogram: base.yaml\n";

describe("conditions of a sweep", () => {
  const load = sweepSpecs();

  it("passes a condition of nested parameters on to each", () => {
    const spec = load(`${head}parameters:
  n: { value: 1 }
  o: { when: n == 1, parameters: { x: { value: 1 }, y: { value: 2, when: o.x > 0 } } }`);
    const texts = spec.parameters.map(({ when }) => when.map(({ text }) => text));
    expect(texts).to.deep.equal([[], ["n == 1"], ["n == 1", "o.x > 0"]]);
  });

  refuses(load, [
    [
      "a condition on what is none",
      `${head}parameters:\n  alpha: { value: 1 }\n  b: { value: 1, when: alhpa == 1 }`,
      ":5 at /parameters/b/when",
      'expected parameters in a condition, got "alhpa"; did you mean "alpha"?',
    ],
    [
      "a condition that cannot be read",
      `${head}parameters:\n  a: { value: 1, when: b = }`,
      ":4 at /parameters/a/when",
      'expected a name, value or operator in the condition "b =", got =',
    ],
    [
      "conditions in a circle",
      `${head}parameters:\n  a: { value: 1, when: b == 1 }\n  b: { value: 1, when: a == 1 }`,
      ":4 at /parameters/a",
      "expected conditions without a circle, got a -> b -> a",
    ],
    [
      "a constraint on what is no parameter",
      `${head}parameters:\n  a: { value: 1 }\nconstraints:\n  - a < c`,
      ":6 at /constraints/0",
      'got "c"',
    ],
  ]);
});
