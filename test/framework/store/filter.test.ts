import { expect } from "chai";
import { describe, it } from "mocha";

import { compileFilter, quoteColumn } from "../../../framework/store/filter.ts";
import { FilterError } from "../../../framework/store/filterTokens.ts";
import { indexedRun, metricSummary } from "../../support/indexedRuns.ts";

const runs = [
  indexedRun({
    id: "adam",
    config: { lr: 1e-4, "odd key": 1, "data.preset": "full" },
    summary: { acc: 0.95 },
    tags: ["best", "paper draft"],
    starred: true,
  }),
  indexedRun({
    id: "sgd",
    name: "DreamBooth",
    status: "failed",
    config: { lr: 0.1, "data.preset": null },
    metrics: { "val/loss": metricSummary(3, NaN), "train/loss": metricSummary(3, 1) },
    startedAt: "2026-03-01T00:00:00.000Z",
    notes: "Diverged <b>early</b>",
  }),
  indexedRun({
    id: "none",
    status: "running",
    metrics: { "val/loss": metricSummary(3, 0.5), "train/loss": metricSummary(3, 0.7) },
    title: "A *star*",
  }),
];
function matching(filter: string): string[] {
  const isMatch = compileFilter(filter, { runs, at: (_run, _key, step) => step });
  return runs.filter(isMatch).map(({ id }) => id);
}

describe("compileFilter()", () => {
  const cases: [filter: string, ids: string][] = [
    ["", "adam sgd none"],
    ["  ", "adam sgd none"],
    ["config.lr < 1e-3 and summary.acc > 0.9", "adam"],
    ["config.lr<1e-3", "adam"],
    ["config.lr = .1", "sgd"],
    ["config.lr == 0.1 or config.lr == 1e-4", "adam sgd"],
    ["1e-3 < config.lr", "sgd"],
    ["config.lr != 0.1", "adam none"],
    ["not config.lr = 0.1", "adam none"],
    ["config.lr = null", "none"],
    ["config.lr != null", "adam sgd"],
    ["config.data.preset = null", "sgd none"],
    ['config.lr > "a"', ""],
    ['config."odd key" = 1', "adam"],
    ["`config.odd key` = 1", "adam"],
    ['tags has "best"', "adam"],
    ['tags has "bes"', ""],
    ['tags = "paper draft"', "adam"],
    ['tags in ["x", "best"]', "adam"],
    ['tags != "best"', "sgd none"],
    ["tags = null", "sgd none"],
    ['tags ~ "draft"', "adam"],
    ['status in ["running", "failed"]', "sgd none"],
    ['status not in ("running", "failed")', "adam"],
    ["status in []", ""],
    ['name ~ "dream"', "sgd"],
    ['name ~ "*booth"', "sgd"],
    ['name ~ "booth*"', ""],
    ['name !~ "dream"', "adam none"],
    ['notes has "diverged"', "sgd"],
    ['notes not has "diverged"', "adam none"],
    ["metrics.val/loss = nan", "sgd"],
    ["metrics.val/loss:min < 1", "none"],
    ["metrics.val/loss:at(20) = 20", "sgd none"],
    ['metrics."val/loss":max = 3', "sgd none"],
    ["metrics.val/loss < metrics.train/loss", "none"],
    ["metrics.val/loss < inf", "none"],
    ["config.lr > -inf", "adam sgd"],
    ["starred", "adam"],
    ["not starred and !archived", "sgd none"],
    ['startedAt > "2026-02"', "sgd"],
    ["durationSeconds >= 3_600", "adam sgd none"],
    ["starred or status = 'failed' and config.lr > 1", "adam"],
    ["(starred or status = 'failed') and config.lr > 0.01", "sgd"],
    ["not not starred", "adam"],
    ["NOT starred AND true", "sgd none"],
    ['"dream"', "sgd"],
    ['"star"', "none"],
    ['"<b>"', "sgd"],
    ['"toy/ad"', "adam"],
    ['title = "A *star*"', "none"],
    ['title = "a\\"b" or id = "sgd"', "sgd"],
  ];
  for (const [filter, ids] of cases) {
    it(`understands ${filter === "" ? "an empty text" : filter}`, () => {
      expect(matching(filter).join(" ")).to.equal(ids);
    });
  }

  const mistakes: [filter: string, position: number, message: RegExp][] = [
    ["config.lrr < 1", 0, /got config\.lrr; did you mean config\.lr\?$/],
    ["starred and lr < 1", 12, /got lr; did you mean config\.lr\?$/],
    ["preset = 1", 0, /did you mean config\.data\.preset\?$/],
    ["metrics.val/los:min < 1", 0, /did you mean metrics\.val\/loss\?$/],
    ["config.oddkey = 1", 0, /did you mean `config\.odd key`\?$/],
    ["config.somethingElse = 1", 0, /some run has, got config\.somethingElse$/],
    ["config.lr <", 11, /expected a value or a column, got the end/],
    ["config.lr < 1 2", 14, /expected "and", "or" or the end, got 2/],
    ["status = running", 9, /expected a column that some run has, got running/],
    ["status in [running]", 11, /put text in quotes: "running", got running/],
    ["status in 3", 10, /a list such as \["running", "failed"\], got 3/],
    ["(starred", 8, /expected "\)", got the end/],
    ['name = "open', 12, /expected a closing ", got the end/],
    ["config.lr ? 3", 10, /an operator, got \?/],
    ["starred not 3", 12, /expected "in" or "has" after "not"/],
    ["3", 0, /expected a comparison, got 3 alone/],
    [`${"(".repeat(200)}starred${")".repeat(200)}`, 100, /at most 100 nested parts/],
    [`"${"x".repeat(10_000)}"`, 10_000, /at most 10000 characters, got 10002/],
  ];
  for (const [filter, position, message] of mistakes) {
    it(`says what is wrong with ${filter.slice(0, 40)}`, () => {
      let error: unknown;
      try {
        matching(filter);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).to.be.instanceOf(FilterError);
      expect(error).to.have.property("position", position);
      expect(error).to.have.property("message").that.matches(message);
    });
  }

  it("takes any column when it is not told of the runs", () => {
    expect(runs.filter(compileFilter("config.zebra = null"))).to.deep.equal(runs);
  });

  it("is not held up by a pattern that is made to", () => {
    const long = indexedRun({ notes: "a".repeat(5000) });
    expect(compileFilter(`notes ~ "${"*a".repeat(200)}*b"`)(long)).to.equal(false);
  });
});

describe("quoteColumn()", () => {
  it("gives names that a filter reads as they are", () => {
    const names = [
      "config.lr",
      "metrics.val/loss:at(3)",
      "config.odd key",
      "config.a`b\\c",
      "config.a(b",
    ];
    for (const name of names) {
      const run = indexedRun({ config: { "odd key": 1, "a`b\\c": 1, "a(b": 1, lr: 1 } });
      const isSame = compileFilter(`${quoteColumn(name)} != null`);
      expect(isSame(run), name).to.equal(name.startsWith("config"));
    }
  });
});
