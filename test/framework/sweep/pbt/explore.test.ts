import { expect } from "chai";
import { describe, it } from "mocha";

import type { NumberDistribution, NumberDomain } from "../../../../framework/spec/distributions.ts";
import { explore, moveNumber } from "../../../../framework/sweep/pbt/explore.ts";
import { plainPoint } from "../../../../framework/sweep/point.ts";
import { sweepWorkshop } from "../../../support/sweeps.ts";

const domain = (kind: NumberDistribution, min: number, max: number, q = 1): NumberDomain => ({
  ...{ kind, min, max, q },
  ...{ mu: 0, sigma: 1, a: 1, b: 1 },
});

describe("moveNumber()", () => {
  const cases: [about: string, domain: NumberDomain, value: number, factor: number, to: number][] =
    [
      ["multiplies", domain("uniform", 0, 1), 0.5, 1.2, 0.6],
      ["stays in the range", domain("uniform", 0, 1), 0.9, 1.2, 1],
      [
        "goes one step down in the logarithm",
        domain("log_uniform_values", 0.01, 1),
        0.1,
        0.8,
        0.08,
      ],
      ["stays above the smallest", domain("log_uniform_values", 0.01, 1), 0.012, 0.8, 0.01],
      ["rounds whole numbers", domain("int_uniform", 1, 64), 20, 1.2, 24],
      ["moves small whole numbers by one", domain("int_uniform", 1, 64), 2, 1.2, 3],
      ["does so downwards, too", domain("int_uniform", 1, 64), 2, 0.8, 1],
      ["does not leave the range so", domain("int_uniform", 1, 3), 3, 1.2, 3],
      ["rounds to multiples", domain("q_uniform", 0, 100, 10), 50, 1.2, 60],
      ["has no bounds in a bell", domain("normal", -Infinity, Infinity), -2, 1.2, -2.4],
    ];
  for (const [about, of, value, factor, to] of cases) {
    it(about, () => expect(moveNumber(of, value, factor)).to.be.closeTo(to, 1e-12));
  }
});

describe("explore()", () => {
  const workshop = sweepWorkshop();
  const text = `metric: { name: loss }
pbt: { size: 4, interval: 10 }
parameters:
  data.slope: { min: 0.0, max: 100.0 }
  optimizer.name: { values: [sgd, adam, adamW, lion] }
  optimizer.momentum: { value: 0.9 }
`;
  const options = { seed: 3, resample_probability: 0, factors: [0.8, 1.2] } as const;

  function explored(
    change: Partial<Parameters<typeof explore>[1]> = {},
    file = text,
  ): { donor: Record<string, unknown>; point: Record<string, unknown> } {
    const plan = workshop.plan(file, "pbt");
    const donor = plan.trialAt(1)!.point;
    const keys = { space: plan.spec, generation: 0, member: 0 };
    const point = explore(donor, { ...options, ...keys, ...change });
    return { donor: plainPoint(donor), point: plainPoint(point) };
  }

  it("moves numbers by a factor and choices to a neighbour, and leaves constants", () => {
    const names = ["sgd", "adam", "adamW", "lion"];
    for (const member of [0, 1, 2, 3, 4, 5]) {
      const { donor, point } = explored({ member });
      const slope = Number(donor["data.slope"]);
      expect(point["data.slope"]).to.be.oneOf([0.8 * slope, Math.min(100, 1.2 * slope)]);
      const [from, to] = [donor, point].map((each) =>
        names.indexOf(String(each["optimizer.name"])),
      );
      expect(Math.abs(to! - from!)).to.be.at.most(1);
      expect(point["optimizer.momentum"]).to.equal(0.9);
    }
  });

  it("draws values anew with the probability that it is given", () => {
    const slopes = [0, 1, 2, 3].map(
      (member) => explored({ member, resample_probability: 1 }).point["data.slope"],
    );
    expect(new Set(slopes)).to.have.property("size", 4);
  });

  it("is decided by seed, generation and member", () => {
    const drawn = (change: object): unknown =>
      explored({ resample_probability: 1, ...change }).point["data.slope"];
    expect(drawn({})).to.equal(drawn({}));
    for (const change of [{ seed: 4 }, { generation: 1 }, { member: 1 }]) {
      expect(drawn(change)).to.not.equal(drawn({}));
    }
  });

  it("meets constraints", () => {
    for (const member of [0, 1, 2, 3]) {
      const { donor, point } = explored(
        { member, resample_probability: 0.5 },
        `${text}constraints: [data.slope < 60]\n`,
      );
      expect(donor["data.slope"]).to.be.below(60);
      expect(point["data.slope"]).to.be.below(60);
    }
  });

  it("gives a parameter a value that comes into use", () => {
    const file = `metric: { name: loss }
pbt: { size: 4, interval: 10 }
parameters:
  optimizer.name: { values: [sgd, adam] }
  optimizer.momentum: { min: 0.5, max: 0.9, when: optimizer.name == "sgd" }
`;
    for (const member of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const { point } = explored({ member, resample_probability: 0.5 }, file);
      expect("optimizer.momentum" in point).to.equal(point["optimizer.name"] === "sgd");
    }
  });
});
