import { expect } from "chai";
import { describe, it } from "mocha";

import type { NumberDomain } from "../../../framework/spec/distributions.ts";
import { scalar, toPlain } from "../../../framework/spec/specNode.ts";
import { gridValues, sampleDomain } from "../../../framework/sweep/sampleDomain.ts";

const origin = { file: "sweep.yaml", line: 1 };

const domain = (part: Partial<NumberDomain> & Pick<NumberDomain, "kind">): NumberDomain => ({
  ...{ min: -Infinity, max: Infinity, mu: 0, sigma: 1, a: 1, b: 1, q: 1 },
  ...part,
});

/** Where the values of the table are taken. */
const places = [0.01, 0.2, 0.37, 0.5, 0.72, 0.99];

/** What W&B's own `sweeps` package gives at these places. */
const cases: [NumberDomain, number[]][] = [
  [domain({ kind: "uniform", min: -1, max: 3 }), [-0.96, -0.2, 0.48, 1, 1.88, 2.96]],
  [domain({ kind: "int_uniform", min: 2, max: 5 }), [2, 2, 3, 3, 4, 5]],
  [domain({ kind: "q_uniform", min: 0, max: 10, q: 3 }), [0, 3, 3, 6, 6, 9]],
  [
    domain({ kind: "log_uniform_values", min: 0.0001, max: 10 }),
    [
      0.0001122018454301964, 0.001, 0.0070794578438413795, 0.0316227766016838, 0.3981071705534973,
      8.912509381337454,
    ],
  ],
  [domain({ kind: "q_log_uniform_values", min: 1, max: 100, q: 8 }), [0, 0, 8, 8, 24, 96]],
  [
    domain({ kind: "inv_log_uniform_values", min: 1, max: 100 }),
    [
      1.0471285480508992, 2.5118864315095792, 5.495408738576243, 9.999999999999998,
      27.54228703338165, 95.49925860214357,
    ],
  ],
  [
    domain({ kind: "normal", mu: 2, sigma: 3 }),
    [
      -4.979043622122522, -0.5248637007187424, 1.0044399606895502, 2, 3.7485245218136485,
      8.979043622122521,
    ],
  ],
  [domain({ kind: "q_normal", mu: 2, sigma: 3, q: 2 }), [-4, 0, 2, 2, 4, 8]],
  [
    domain({ kind: "log_normal" }),
    [
      0.09765173307033599, 0.4310111868818386, 0.7175925526428519, 1, 1.7911206891552458,
      10.240473656312131,
    ],
  ],
  [domain({ kind: "q_log_normal", q: 0.5 }), [0, 0.5, 0.5, 1, 2, 10]],
  [
    domain({ kind: "beta", a: 2, b: 5 }),
    [
      0.026763191142755053, 0.1398806882699578, 0.21032463252174394, 0.26444998329566005,
      0.371631557419796, 0.7056863283197075,
    ],
  ],
  [domain({ kind: "q_beta", a: 2, b: 5, q: 0.1 }), [0, 0.1, 0.2, 0.3, 0.4, 0.7]],
];

describe("sampleDomain()", () => {
  for (const [each, expected] of cases) {
    it(`draws ${each.kind} as W&B does`, () => {
      for (const [i, u] of places.entries()) {
        const value = Number(toPlain(sampleDomain(each, u, origin)));
        expect(value, `at ${u}`).to.be.closeTo(
          expected[i]!,
          1e-13 * Math.abs(expected[i]!) + 1e-15,
        );
      }
    });
  }

  it("rounds halves to the even multiple", () => {
    const halves = domain({ kind: "q_uniform", min: 0, max: 4 });
    const values = [0.125, 0.375, 0.625, 0.875].map((u) =>
      toPlain(sampleDomain(halves, u, origin)),
    );
    expect(values).to.deep.equal([0, 2, 2, 4]);
  });

  it("chooses values alike, or by their probabilities", () => {
    const values = ["a", "b", "c"].map((value) => scalar(value, origin));
    const choose = (probabilities?: number[]): unknown[] =>
      places.map((u) =>
        toPlain(
          sampleDomain(
            { kind: "categorical", values, ...(probabilities && { probabilities }) },
            u,
            origin,
          ),
        ),
      );
    expect(choose()).to.deep.equal(["a", "a", "b", "b", "c", "c"]);
    expect(choose([0.2, 0.3, 0.5])).to.deep.equal(["a", "b", "b", "c", "c", "c"]);
    expect(choose([0, 0.1, 0.9])).to.deep.equal(["b", "c", "c", "c", "c", "c"]);
  });
});

describe("gridValues()", () => {
  const lists: [NumberDomain, number[]][] = [
    [domain({ kind: "int_uniform", min: -1, max: 2 }), [-1, 0, 1, 2]],
    [domain({ kind: "q_uniform", min: 0, max: 1, q: 0.25 }), [0, 0.25, 0.5, 0.75]],
    [domain({ kind: "q_uniform", min: 0, max: 1, q: 0.3 }), [0, 0.3, 0.6, 0.9]],
  ];
  for (const [each, expected] of lists) {
    it(`lists ${each.kind} from ${each.min} to ${each.max} by ${each.q}`, () => {
      const values = gridValues(each, origin).map((node) => Number(toPlain(node)));
      expect(values).to.have.length(expected.length);
      for (const [i, value] of values.entries()) expect(value).to.be.closeTo(expected[i]!, 1e-15);
    });
  }

  it("refuses a distribution without end", () => {
    expect(() => gridValues(domain({ kind: "uniform", min: 0, max: 1 }), origin)).to.throw(
      RangeError,
      "Cannot list the values of uniform: expected int_uniform or q_uniform",
    );
  });
});
