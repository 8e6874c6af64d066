import { expect } from "chai";

import { createLrSchedule, lrSchedules } from "../../../../framework/optim/lrSchedules/index.ts";

const cases: { spec: { name: string } & Record<string, unknown>; factors: [number, number][] }[] = [
  {
    spec: { name: "constant" },
    factors: [
      [0, 1],
      [1000, 1],
    ],
  },
  {
    spec: { name: "constant", warmupSteps: 4 },
    factors: [
      [0, 0.25],
      [2, 0.75],
      [3, 1],
      [4, 1],
    ],
  },
  {
    spec: { name: "linear", totalSteps: 10 },
    factors: [
      [0, 1],
      [5, 0.5],
      [10, 0],
      [99, 0],
    ],
  },
  {
    spec: { name: "linear", warmupSteps: 2, totalSteps: 10, endFactor: 0.5 },
    factors: [
      [0, 0.5],
      [1, 1],
      [2, 1],
      [6, 0.75],
      [10, 0.5],
    ],
  },
  {
    spec: { name: "cosine", totalSteps: 8 },
    factors: [
      [0, 1],
      [2, 0.5 + Math.SQRT1_2 / 2],
      [4, 0.5],
      [8, 0],
    ],
  },
  {
    spec: { name: "cosine", totalSteps: 8, warmupSteps: 8 },
    factors: [
      [7, 1],
      [9, 0],
    ],
  },
  {
    spec: { name: "polynomial", totalSteps: 4, power: 3 },
    factors: [
      [0, 1],
      [2, 0.125],
      [4, 0],
    ],
  },
  {
    spec: { name: "inverseSquareRoot", timescaleSteps: 4 },
    factors: [
      [0, 1],
      [12, 0.5],
    ],
  },
  {
    spec: { name: "multiStep", milestones: [3, 5], warmupSteps: 2 },
    factors: [
      [0, 0.5],
      [2, 1],
      [3, 0.1],
      [5, 0.01],
    ],
  },
];

describe("lrSchedules", () => {
  for (const { spec, factors } of cases) {
    it(`${JSON.stringify(spec)} gives the right factors`, () => {
      const schedule = createLrSchedule(spec);
      for (const [step, factor] of factors) expect(schedule(step)).to.be.closeTo(factor, 1e-12);
    });
  }

  it("are all covered here", () => {
    expect([...new Set(cases.map(({ spec }) => spec.name))].toSorted()).to.deep.equal(
      Object.keys(lrSchedules).toSorted(),
    );
  });
});

describe("createLrSchedule()", () => {
  it("ends at the run's last step unless the spec says where", () => {
    expect(createLrSchedule({ name: "linear" }, 10)(5)).to.equal(0.5);
    const spec = { name: "linear", totalSteps: 20 };
    expect(createLrSchedule(spec, 10)(5)).to.equal(0.75);
    expect(createLrSchedule({ name: "constant" }, 10)(5)).to.equal(1);
  });

  it("refuses a schedule that would never end", () => {
    expect(() => createLrSchedule({ name: "cosine" })).to.throw('option "totalSteps" is missing');
  });

  it("names the known ones when there is none of that name", () => {
    expect(() => createLrSchedule({ name: "cosin" })).to.throw("expected one of constant, cosine");
  });
});
