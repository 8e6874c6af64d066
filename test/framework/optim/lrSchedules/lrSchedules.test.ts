import { expect } from "chai";

import { createLrSchedule, lrSchedules } from "../../../../framework/optim/lrSchedules/index.ts";

/** Where a class is named, the numbers are its, of PyTorch 2.13's torch.optim.lr_scheduler. */
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
  {
    // CosineAnnealingWarmRestarts(T_0=4, T_mult=2, eta_min=0.1)
    spec: { name: "cosineWithRestarts", cycleSteps: 4, cycleFactor: 2, endFactor: 0.1 },
    factors: [
      [0, 1],
      [1, 0.868198051534],
      [3, 0.231801948466],
      [4, 1],
      [6, 0.868198051534],
      [11, 0.13425421037],
      [12, 1],
      [20, 0.55],
    ],
  },
  {
    // CosineAnnealingWarmRestarts(T_0=3), two steps later
    spec: { name: "cosineWithRestarts", cycleSteps: 3, warmupSteps: 2 },
    factors: [
      [0, 0.5],
      [2, 1],
      [3, 0.75],
      [4, 0.25],
      [5, 1],
      [33, 0.75],
    ],
  },
  {
    // OneCycleLR(max_lr=1, total_steps=10); it ends there, ours stays
    spec: { name: "oneCycle", totalSteps: 10 },
    factors: [
      [0, 0.04],
      [1, 0.52],
      [2, 1],
      [3, 0.950484632013],
      [6, 0.388741978064],
      [8, 0.0495193679865],
      [9, 4e-6],
      [20, 4e-6],
    ],
  },
  {
    // OneCycleLR(2, total_steps=8, pct_start=0.5, "linear", div_factor=4, final_div_factor=10)
    spec: {
      name: "oneCycle",
      totalSteps: 8,
      maxFactor: 2,
      pctStart: 0.5,
      annealStrategy: "linear",
      divFactor: 4,
      finalDivFactor: 10,
    },
    factors: [
      [0, 0.5],
      [1, 1],
      [3, 2],
      [4, 1.5125],
      [6, 0.5375],
      [7, 0.05],
    ],
  },
  {
    // OneCycleLR(1, total_steps=10, pct_start=0)
    spec: { name: "oneCycle", totalSteps: 10, pctStart: 0 },
    factors: [
      [0, 0.975528356035],
      [5, 0.345494120847],
      [9, 4e-6],
    ],
  },
  {
    // a rise of no steps at all, which PyTorch divides by
    spec: { name: "oneCycle", totalSteps: 10, pctStart: 0.1 },
    factors: [
      [0, 1],
      [9, 4e-6],
    ],
  },
  {
    spec: { name: "exponential", gamma: 0.9 }, // ExponentialLR(0.9)
    factors: [
      [0, 1],
      [1, 0.9],
      [10, 0.3486784401],
    ],
  },
  {
    spec: { name: "exponential", gamma: 0.5, warmupSteps: 2 },
    factors: [
      [1, 1],
      [2, 1],
      [3, 0.5],
    ],
  },
  {
    spec: { name: "step", stepSize: 3, gamma: 0.5 }, // StepLR(3, 0.5)
    factors: [
      [0, 1],
      [2, 1],
      [3, 0.5],
      [6, 0.25],
      [8, 0.25],
      [9, 0.125],
    ],
  },
  {
    spec: { name: "step", stepSize: 3, warmupSteps: 4 },
    factors: [
      [3, 1],
      [4, 0.1],
      [6, 0.01],
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
