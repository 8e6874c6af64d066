import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { FilterError } from "../../../framework/store/filterTokens.ts";
import { queryTable, type Table, type TableQuery } from "../../../framework/store/tableQuery.ts";
import { indexedRun } from "../../support/indexedRuns.ts";

const runs = [
  indexedRun({ id: "a", seed: 1, config: { lr: 0.1, net: "b10" }, summary: { acc: 0.5 } }),
  indexedRun({ id: "b", seed: 2, config: { lr: 0.1, net: "b10" }, summary: { acc: 0.75 } }),
  indexedRun({ id: "c", seed: 1, config: { lr: 0.01, net: "b9" }, summary: { acc: NaN } }),
  indexedRun({ id: "d", seed: 2, config: { lr: 0.01, net: "b9" }, archived: true }),
  indexedRun({ id: "e", seed: 3, config: { net: "x" }, status: "failed" }),
];
const all: TableQuery = {
  ...{ filter: "", columns: ["id"], sort: [], groupBy: [], archived: false, offset: 0, limit: 100 },
};
const ask = (query: Partial<TableQuery>): Table => queryTable(runs, { ...all, ...query });
const ids = (table: Table): string => table.rows.map(({ keys }) => keys[0]).join("");

describe("queryTable()", () => {
  it("gives a row for each run, in their order, without archived ones", () => {
    const columns = ["id", "config.lr", "summary.acc"];
    expect(ask({ columns, filter: "config.lr > 0.05" })).to.deep.equal({
      total: 2,
      runs: 2,
      rows: [
        { keys: ["a"], count: 1, cells: ["a", 0.1, 0.5] },
        { keys: ["b"], count: 1, cells: ["b", 0.1, 0.75] },
      ],
    });
    expect(ids(ask({}))).to.equal("abce");
    expect(ids(ask({ archived: true }))).to.equal("abcde");
    expect(ids(ask({ runs: ["e", "a", "x"] }))).to.equal("ae");
  });

  const orders: [sort: string[], ids: string][] = [
    [["-id"], "ecba"],
    [["config.lr"], "cabe"],
    [["-config.lr"], "abce"],
    [["summary.acc"], "abce"],
    [["-summary.acc"], "bace"],
    [["config.net"], "cabe"],
    [["-seed", "-id"], "ebca"],
    [["status", "-config.lr", "-seed"], "ebac"],
  ];
  for (const [sort, expected] of orders) {
    it(`sorts by ${sort.join(", ")}`, () => {
      const keys = sort.map((name) => ({
        column: name.replace("-", ""),
        descending: name.startsWith("-"),
      }));
      expect(ids(ask({ sort: keys }))).to.equal(expected);
    });
  }

  it("puts pinned runs first, whatever the order and for all parts", () => {
    const sort = [{ column: "id", descending: true }];
    expect(ids(ask({ sort, pinned: ["a", "c", "nobody"] }))).to.equal("caeb");
    expect(ids(ask({ sort, pinned: ["a"], limit: 1 }))).to.equal("a");
    expect(ids(ask({ pinned: ["c"], filter: "seed = 2" }))).to.equal("b");
    expect(ids(ask({ pinned: ["c"], groupBy: ["config.net"] }))).to.equal("cae");
  });

  it("gives a part of the rows", () => {
    const part = ask({ offset: 1, limit: 2 });
    expect(part).to.include({ total: 4, runs: 4 });
    expect(ids(part)).to.equal("bc");
    expect(ask({ offset: 10 }).rows).to.deep.equal([]);
  });

  it("makes one row of the runs that agree", () => {
    const columns = ["config.net", "id", "summary.acc", "status", "config.lr"];
    const sort = [{ column: "config.lr", descending: true }];
    const table = ask({ columns, groupBy: ["config.net"], sort, archived: true });
    expect(table).to.include({ total: 3, runs: 5 });
    expect(table.rows[0]).to.deep.equal({
      keys: ["a", "b"],
      count: 2,
      cells: [
        "b10",
        { values: ["a", "b"], more: 0 },
        { mean: 0.625, deviation: Math.sqrt(0.03125), min: 0.5, max: 0.75, count: 2 },
        "finished",
        { mean: 0.1, deviation: 0, min: 0.1, max: 0.1, count: 2 },
      ],
    });
    expect(table.rows[1]?.cells[2]).to.deep.equal({
      ...{ mean: NaN, deviation: NaN, min: NaN, max: NaN, count: 1 },
    });
    expect(table.rows[2]).to.deep.include({ keys: ["e"], cells: ["x", "e", null, "failed", null] });
  });

  it("tells apart what only looks alike", () => {
    const alike = [null, "null", 1, "1", true].map((value, i) =>
      indexedRun({ id: String(i), config: { value } }),
    );
    const table = queryTable(alike, { ...all, groupBy: ["config.value"] });
    expect(table.total).to.equal(5);
  });

  it("shows the first values of many", () => {
    const many = Array.from({ length: 12 }, (_, i) => indexedRun({ id: `r${i}`, name: "n" }));
    const [row] = queryTable(many, { ...all, groupBy: ["name"] }).rows;
    expect(row?.cells[0]).to.deep.equal({
      values: Array.from({ length: 10 }, (_, i) => `r${i}`),
      more: 2,
    });
  });

  it("looks into curves where it is asked to", () => {
    const metrics = {
      loss: { ...{ last: 1, lastStep: 9, min: 1, minStep: 9 }, max: 3, maxStep: 0, count: 9 },
    };
    const columns = ["metrics.loss:at(5)"];
    const table = queryTable(
      [indexedRun({ metrics })],
      { ...all, columns },
      (_run, _key, step) => step / 10,
    );
    expect(table.rows[0]?.cells).to.deep.equal([0.5]);
  });

  it("refuses what it does not understand", () => {
    expect(() => ask({ filter: "config.lx < 1" })).to.throw(FilterError, "did you mean config.lr?");
    expect(() => ask({ columns: ["sed"] })).to.throw(
      InputError,
      /column "sed".*did you mean "seed"/,
    );
    expect(() => ask({ sort: [{ column: "lr", descending: true }] })).to.throw(InputError, '"lr"');
  });
});
