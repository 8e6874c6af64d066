import { expect } from "chai";
import { describe, it } from "mocha";

import {
  everySchema,
  hasPassed,
  intervalSchema,
  isDue,
  parseInterval,
  passesMultiple,
  type Interval,
} from "../../../framework/base/interval.ts";
import { readOptions } from "../../../framework/base/options.ts";

describe("parseInterval()", () => {
  const table: [text: string, count: number, unit: Interval["unit"]][] = [
    ["100 steps", 100, "steps"],
    ["1 step", 1, "steps"],
    ["2 epochs", 2, "epochs"],
    ["500 batches", 500, "batches"],
    ["1 batch", 1, "batches"],
    ["10000 samples", 10_000, "samples"],
    ["90 s", 90, "seconds"],
    ["45 seconds", 45, "seconds"],
    ["30 min", 1800, "seconds"],
    ["1h", 3600, "seconds"],
    ["1.5 hours", 5400, "seconds"],
    ["2 days", 172_800, "seconds"],
    ["01:02:03:04", 93_784, "seconds"],
    ["5 %", 5, "percent"],
    ["2.5%", 2.5, "percent"],
  ];
  for (const [text, count, unit] of table) {
    it(`reads "${text}"`, () => expect(parseInterval(text)).to.deep.equal({ count, unit }));
  }

  for (const text of ["", "100", "steps", "0 steps", "1.5 epochs", "-1 s", "1:00", "3 weeks"]) {
    it(`refuses "${text}"`, () => {
      expect(() => parseInterval(text)).to.throw(
        RangeError,
        `"100 steps" or "2 epochs" or "500 batches" or "10000 samples" or "30 min" or "5 %", got "${text}"`,
      );
    });
  }

  it("refuses other units than asked for, and no time at all", () => {
    expect(() => parseInterval("2 epochs", ["steps"])).to.throw('such as "100 steps", got');
    expect(() => parseInterval("0 s")).to.throw('expected more than none, got "0 s"');
  });
});

describe("intervalSchema()", () => {
  it("makes options say what they take", () => {
    const every = intervalSchema(["steps", "epochs"]);
    const read = (value: unknown): unknown =>
      readOptions(
        "it",
        { type: "object", additionalProperties: false, properties: { every } },
        { every: value },
      );
    expect(read("3 epochs")).to.deep.equal({ every: "3 epochs" });
    for (const value of [3, "3 min"]) {
      expect(() => read(value)).to.throw(
        `Cannot build it: every must be text such as "100 steps" or "2 epochs", got ${JSON.stringify(value)}`,
      );
    }
  });
});

describe("everySchema()", () => {
  it("takes a number of steps, too", () => {
    const read = (value: unknown): unknown =>
      readOptions(
        "it",
        { type: "object", additionalProperties: false, properties: { every: everySchema(1) } },
        { every: value },
      );
    expect([read(3), read("5 %")]).to.deep.equal([{ every: 3 }, { every: "5 %" }]);
    for (const value of [0, 1.5, "often", null]) {
      expect(() => read(value)).to.throw(
        /^Cannot build it: every must be an integer >= 1 or text such as "100 steps" or .* or "5 %", got/,
      );
    }
  });
});

describe("isDue()", () => {
  const table: [text: string, key: string, before: number, after: number, due: boolean][] = [
    ["3 steps", "steps", 2, 3, true],
    ["3 steps", "steps", 3, 4, false],
    ["100 samples", "samples", 96, 128, true],
    ["100 samples", "samples", 0, 96, false],
    ["1 epoch", "epochs", 0.75, 1, true],
    ["1 min", "seconds", 59.5, 60.5, true],
    ["1 min", "seconds", 61, 119, false],
    ["1 min", "seconds", 61, 500, true],
  ];
  for (const [text, key, before, after, due] of table) {
    it(`is ${due} for ${text} from ${before} to ${after}`, () => {
      expect(isDue(parseInterval(text), { [key]: before }, { [key]: after })).to.equal(due);
    });
  }

  it("refuses a unit that nobody counts", () => {
    expect(() => isDue(parseInterval("1h"), { steps: 1, epochs: 0 }, { steps: 2 })).to.throw(
      "Cannot use an interval in seconds here: expected one in steps",
    );
  });
});

describe("an interval in percent", () => {
  // steps between two times, of Hugging Face's Trainer: ceil(max_steps * ratio)
  const table: [text: string, totalSteps: number, every: number][] = [
    ["5 %", 300, 15],
    ["7 %", 100, 7],
    ["10 %", 75, 8],
    ["1.1 %", 3000, 33],
    ["0.1 %", 10, 1],
  ];
  for (const [text, totalSteps, every] of table) {
    it(`is every ${every} steps for ${text} of ${totalSteps}`, () => {
      const interval = parseInterval(text);
      const steps = Array.from({ length: totalSteps }, (_, i) => i + 1);
      const due = steps.filter((step) =>
        isDue(interval, { steps: step - 1 }, { steps: step, totalSteps }),
      );
      const multiples = steps.filter((step) => step % every === 0);
      expect(due).to.deep.equal(multiples);
      expect(steps.find((each) => hasPassed(interval, { steps: each, totalSteps }))).to.equal(
        every,
      );
    });
  }

  it("is refused where nobody knows how long training takes", () => {
    expect(() => hasPassed(parseInterval("5 %"), { steps: 1, totalSteps: Infinity })).to.throw(
      "Cannot use an interval of 5 % here: expected training of known length; set maxSteps, or",
    );
  });
});

describe("passesMultiple()", () => {
  it("looks at what lies behind the first number, up to the second", () => {
    expect(passesMultiple(3, 2, 4)).to.equal(true);
    expect(passesMultiple(3, 2, 3)).to.equal(true);
    expect(passesMultiple(3, 3, 5)).to.equal(false);
  });
});

describe("hasPassed()", () => {
  it("is true from the count on", () => {
    const passed = [99, 100, 101].map((steps) => hasPassed(parseInterval("100 steps"), { steps }));
    expect(passed).to.deep.equal([false, true, true]);
  });
});
