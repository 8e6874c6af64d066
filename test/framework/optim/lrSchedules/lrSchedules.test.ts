import { expect } from "chai";

import {
  createLrSchedule,
  createLrScheduleConfig,
  lrSchedules,
} from "../../../../framework/optim/lrSchedules/index.ts";

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
  {
    // ChainedScheduler([StepLR(4, 0.5), ExponentialLR(0.9)])
    spec: {
      name: "chained",
      schedules: [
        { name: "step", stepSize: 4, gamma: 0.5 },
        { name: "exponential", gamma: 0.9 },
      ],
    },
    factors: [
      [0, 1],
      [1, 0.9],
      [3, 0.729],
      [4, 0.32805],
      [10, 0.087169610025],
    ],
  },
  {
    // SequentialLR([ExponentialLR(0.5), LinearLR(1, 0.2, 4), ConstantLR(1)], [3, 6])
    spec: {
      name: "sequential",
      schedules: [
        { name: "exponential", gamma: 0.5 },
        { name: "linear", endFactor: 0.2, totalSteps: 4 },
        { name: "constant" },
      ],
      milestones: [3, 6],
    },
    factors: [
      [0, 1],
      [2, 0.25],
      [3, 1],
      [4, 0.8],
      [5, 0.6],
      [6, 1],
      [9, 1],
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

  it("are all covered here, or in a test of their own", () => {
    const covered = new Set([...cases.map(({ spec }) => spec.name), "reduceOnPlateau"]);
    expect([...covered].toSorted()).to.deep.equal(Object.keys(lrSchedules).toSorted());
  });
});

describe("createLrSchedule()", () => {
  it("ends at the run's last step unless the spec says where", () => {
    expect(createLrSchedule({ name: "linear" }, 10)(5)).to.equal(0.5);
    const spec = { name: "linear", totalSteps: 20 };
    expect(createLrSchedule(spec, 10)(5)).to.equal(0.75);
    expect(createLrSchedule({ name: "constant" }, 10)(5)).to.equal(1);
  });

  it("ends schedules inside others where these end, or go on to the next", () => {
    const linear = { name: "linear" };
    expect(createLrSchedule({ name: "chained", schedules: [linear, linear] }, 4)(2)).to.equal(0.25);
    const spec = { name: "sequential", schedules: [linear, linear, linear], milestones: [4, 6] };
    const schedule = createLrSchedule(spec, 16);
    expect([0, 1, 3, 4, 5, 6, 11, 16].map(schedule)).to.deep.equal([
      1, 0.75, 0.25, 1, 0.5, 1, 0.5, 0,
    ]);
    expect(createLrSchedule(spec, 5)(6), "a run that ends before").to.equal(1);
  });

  for (const { title, spec, message } of [
    {
      title: "a schedule that would never end",
      spec: { name: "cosine" },
      message: 'option "totalSteps" is missing',
    },
    {
      title: "a name that no schedule has",
      spec: { name: "cosin" },
      message: 'Cannot build lrSchedule "cosin": expected one of chained, constant, cosine',
    },
    {
      title: "an option of another schedule, also inside of one",
      spec: { name: "chained", schedules: [{ name: "constant", gamma: 1 }] },
      message: 'Cannot build constant: unknown option "gamma"',
    },
    {
      title: "a schedule that follows a metric inside another",
      spec: { name: "chained", schedules: [{ name: "reduceOnPlateau", monitor: "val/loss" }] },
      message: 'Cannot build lrSchedule "reduceOnPlateau" inside another: expected one of chained',
    },
    {
      title: "too few milestones",
      spec: { name: "sequential", schedules: [{ name: "constant" }], milestones: [1] },
      message: "Cannot build sequential: expected 0 increasing milestones for 1 schedules, got [1]",
    },
    {
      title: "milestones in the wrong order",
      spec: {
        name: "sequential",
        schedules: [{ name: "constant" }, { name: "constant" }, { name: "constant" }],
        milestones: [5, 5],
      },
      message: "expected 2 increasing milestones for 3 schedules, got [5, 5]",
    },
    {
      title: "a schedule that counts epochs",
      spec: { name: "constant", interval: "epoch", frequency: 2 },
      message:
        'Cannot build lrSchedule "constant": expected one that goes on at every step, got interval "epoch" and frequency 2',
    },
    {
      title: "a schedule that follows a metric",
      spec: { name: "reduceOnPlateau", monitor: "val/loss", interval: "step" },
      message: "got one that follows a metric",
    },
  ]) {
    it(`refuses ${title}`, () => {
      expect(() => createLrSchedule(spec)).to.throw(RangeError, message);
    });
  }
});

describe("createLrScheduleConfig()", () => {
  it("goes on at every optimizer step unless told otherwise", () => {
    const { schedule, ...config } = createLrScheduleConfig({ name: "constant" });
    expect(schedule).to.be.a("function");
    expect(config).to.deep.equal({ interval: "step", frequency: 1, strict: true });
  });

  it("reads interval, frequency and name", () => {
    const spec = { name: "step", stepSize: 2, interval: "epoch", frequency: 3, scheduleName: "lr" };
    const { schedule, ...config } = createLrScheduleConfig(spec);
    expect(schedule).to.be.a("function");
    expect(config).to.deep.equal({ interval: "epoch", frequency: 3, strict: true, name: "lr" });
  });

  it("looks at a metric after each epoch unless told otherwise", () => {
    const spec = { name: "reduceOnPlateau", monitor: "val/loss", factor: 0.5 };
    const { schedule, ...config } = createLrScheduleConfig(spec);
    expect(schedule).to.have.property("factor", 1);
    const common = { frequency: 1, monitor: "val/loss" };
    expect(config).to.deep.equal({ ...common, interval: "epoch", strict: true });
    const lax = createLrScheduleConfig({ ...spec, interval: "step", strict: false });
    expect(lax).to.deep.include({ ...common, interval: "step", strict: false });
  });

  for (const { limits, interval, frequency, half } of [
    { limits: { maxSteps: 8, maxEpochs: 2 }, interval: "step", frequency: 1, half: 4 },
    { limits: { maxSteps: 8, maxEpochs: 4 }, interval: "epoch", frequency: 1, half: 2 },
    { limits: { maxSteps: 15 }, interval: "step", frequency: 4, half: 2 },
  ]) {
    it(`ends a schedule with the run, ${JSON.stringify({ limits, interval, frequency })}`, () => {
      const spec = { name: "linear", interval, frequency };
      const { schedule } = createLrScheduleConfig(spec, limits);
      expect(typeof schedule === "function" && schedule(half)).to.equal(0.5);
    });
  }

  for (const { spec, message } of [
    {
      spec: { name: "reduceOnPlateau" },
      message: 'Cannot build reduceOnPlateau: option "monitor" is missing',
    },
    {
      spec: { name: "constant", monitor: "val/loss" },
      message: 'Cannot build constant: unknown option "monitor"',
    },
    {
      spec: { name: "constant", interval: "batch" },
      message: "interval must be equal to one of the allowed values (step, epoch)",
    },
    { spec: { name: "linear", interval: "epoch" }, message: 'option "totalSteps" is missing' },
    { spec: { name: "toString" }, message: 'Cannot build lrSchedule "toString": expected one of' },
  ]) {
    it(`refuses ${JSON.stringify(spec)}`, () => {
      expect(() => createLrScheduleConfig(spec, { maxSteps: 5 })).to.throw(RangeError, message);
    });
  }
});
