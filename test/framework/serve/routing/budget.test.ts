import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import { Budget, readBudget } from "../../../../framework/serve/routing/budget.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const hour = 3_600_000;

describe("readBudget()", () => {
  it("reads dollars for an hour or a day", () => {
    expect(readBudget("0.50/day")).to.deep.equal({ picoDollars: 500_000_000_000n, period: "day" });
    expect(readBudget("1e-3/hour")).to.deep.equal({ picoDollars: 1_000_000_000n, period: "hour" });
  });

  for (const text of ["", "1", "1/week", "0/day", "-1/day", "1e-13/day", "x/day"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => readBudget(text)).to.throw(InputError, "such as 0.50/day");
    });
  }
});

describe("Budget", () => {
  const folder = temporaryFolder();

  function open(
    clock: { now: number },
    picoDollars = 100n,
    warn: (line: string) => void = (line) => expect.fail(line),
  ): Budget {
    const file = folder.path("budget.jsonl");
    return new Budget({ picoDollars, period: "hour", file, now: () => clock.now, warn });
  }

  it("is spent when its dollars are, until the next hour begins", () => {
    const clock = { now: 5 * hour + 1 };
    const budget = open(clock);
    budget.spend(99n);
    expect(budget.isSpent).to.equal(false);
    budget.spend(1n);
    expect(budget.isSpent).to.equal(true);
    clock.now = 6 * hour - 1;
    expect(budget.isSpent).to.equal(true);
    clock.now = 6 * hour;
    expect(budget.isSpent).to.equal(false);
    expect(budget.spent).to.equal(0n);
    budget.close();
  });

  it("goes on with what was spent before the server started again, also without an end", () => {
    const clock = { now: 5 * hour };
    const first = open(clock);
    first.spend(60n); // it is not closed: the process dies
    const second = open(clock);
    expect(second.spent).to.equal(60n);
    second.spend(40n);
    second.close();
    const third = open(clock);
    expect(third.isSpent).to.equal(true);
    third.close();
    clock.now = 6 * hour;
    expect(open(clock).spent).to.equal(0n);
    first.close();
  });

  it("does without a last line that was not written whole", () => {
    const clock = { now: 5 * hour };
    const first = open(clock);
    first.spend(60n);
    first.close();
    appendFileSync(folder.path("budget.jsonl"), '{"period":"hour","st');
    const second = open(clock);
    expect(second.spent).to.equal(60n);
    second.close();
    expect(readFileSync(folder.path("budget.jsonl"), "utf8").split("\n")).to.have.length(2);
  });

  it("goes on where its journal cannot be written, and says so once", () => {
    const warned: string[] = [];
    const budget = open({ now: 0 }, 100n, (line) => warned.push(line));
    budget.close();
    budget.spend(60n);
    budget.spend(60n);
    expect(budget.isSpent).to.equal(true);
    expect(warned).to.have.length(1);
    expect(warned[0]).to.match(/^Cannot note what was spent: .*; answers go on$/);
  });

  it("refuses a file that is no journal", () => {
    writeFileSync(folder.path("budget.jsonl"), "something else\n");
    expect(() => open({ now: 0 })).to.throw(InputError, "to be a journal of what was spent");
  });
});
