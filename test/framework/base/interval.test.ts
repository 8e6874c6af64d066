import { expect } from "chai";
import { describe, it } from "mocha";

import {
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
  ];
  for (const [text, count, unit] of table) {
    it(`reads "${text}"`, () => expect(parseInterval(text)).to.deep.equal({ count, unit }));
  }

  for (const text of ["", "100", "steps", "0 steps", "1.5 epochs", "-1 s", "1:00", "3 weeks"]) {
    it(`refuses "${text}"`, () => {
      expect(() => parseInterval(text)).to.throw(
        RangeError,
        `"100 steps" or "2 epochs" or "500 batches" or "10000 samples" or "30 min", got "${text}"`,
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
