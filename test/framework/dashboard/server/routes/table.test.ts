import { appendFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import type { TableQuery } from "../../../../../framework/dashboard/api.ts";
import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const query: TableQuery = {
  filter: "",
  columns: ["id"],
  sort: [],
  groupBy: [],
  archived: false,
  offset: 0,
  limit: 100,
};

describe("the run table", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  beforeEach(() => generateRuns({ folder: folder.path(), count: 60 }));

  describe("POST /api/table", () => {
    it("answers with the rows that are asked for", async () => {
      const { send, index } = await open(folder.path());
      const { json } = await send("POST", "/api/table", {
        ...query,
        columns: ["id", "config.optimizer.name", "metrics.train/loss:count", "metrics.nothing"],
        offset: 58,
      });
      expect(json).to.deep.equal({
        revision: index.revision,
        total: 60,
        runs: 60,
        rows: [
          { keys: ["r000001m"], count: 1, cells: ["r000001m", "sgd", 20, null] },
          { keys: ["r000001n"], count: 1, cells: ["r000001n", "sgd", 20, null] },
        ],
      });
    });

    it("filters, sorts, and says NaN as a word", async () => {
      const { send } = await open(folder.path());
      const { json } = await send("POST", "/api/table", {
        ...query,
        filter: 'status = "failed" or config.seed = 0 and config.optimizer.name = "adam"',
        columns: ["status", "metrics.train/loss"],
        sort: [{ column: "status", descending: false }],
      });
      expect(json.rows[0].cells).to.deep.equal(["failed", "NaN"]);
      expect([json.total, json.runs]).to.deep.equal([8, 8]);
    });

    it("groups runs over their seeds, with mean and spread", async () => {
      const { send } = await open(folder.path());
      const { json } = await send("POST", "/api/table", {
        ...query,
        columns: ["group", "summary.score", "seed"],
        groupBy: ["group"],
        limit: 2,
      });
      expect([json.total, json.runs, json.rows.length]).to.deep.equal([20, 60, 2]);
      const [row] = json.rows;
      expect(row.keys).to.deep.equal(["r0000000", "r0000001", "r0000002"]);
      expect(row.cells[1]).to.have.all.keys("mean", "deviation", "min", "max", "count");
      expect(row.cells[2]).to.include({ mean: 1, count: 3 });
    });

    it("reads a metric at a step", async () => {
      const { send } = await open(folder.path());
      const columns = ["metrics.train/loss:at(15)", "metrics.train/loss:at(5)"];
      const { json } = await send("POST", "/api/table", { ...query, columns, limit: 1 });
      expect(json.rows[0].cells[0]).to.be.a("number");
      expect(json.rows[0].cells[1]).to.equal(null);
    });

    it("says where a filter is wrong", async () => {
      const { send } = await open(folder.path());
      const { status, json } = await send("POST", "/api/table", { ...query, filter: "seed = = 1" });
      expect(status).to.equal(400);
      expect(json.position).to.equal(7);
      expect(json.error).to.include("Cannot filter runs at character 8: ");
    });

    for (const change of [
      { limit: 1001 },
      { offset: -1 },
      { columns: Array.from({ length: 501 }, () => "id") },
      { columns: ["nonsense"] },
      { filter: "x".repeat(10_001) },
      { filter: "process.exit()" },
      { sort: [{ column: "id" }] },
    ]) {
      it(`refuses ${JSON.stringify(change).slice(0, 50)}`, async () => {
        const { send } = await open(folder.path());
        const { status, json } = await send("POST", "/api/table", { ...query, ...change });
        expect([status, typeof json.error]).to.deep.equal([400, "string"]);
      });
    }

    it("refuses a body of more than a megabyte, and one that is no JSON", async () => {
      const { app, send } = await open(folder.path());
      const runs = Array.from({ length: 10_000 }, () => "x".repeat(150));
      expect((await send("POST", "/api/table", { ...query, runs })).status).to.equal(413);
      const headers = { "content-type": "application/json" };
      const torn = await app.inject({ method: "POST", url: "/api/table", headers, payload: '{"a' });
      expect(torn.statusCode).to.equal(400);
    });

    it("shows what damaged and alien folders still say, and hides nobody else", async () => {
      folder.write({
        "tuning/alien/readme.txt": "no run",
        "tuning/empty/manifest.json": "",
        "tuning/half/manifest.json": '{"formatVersion": 1, "id": "ha',
      });
      rmSync(folder.path("tuning", "r0000000", "spec.yaml"));
      appendFileSync(folder.path("tuning", "r0000001", "metrics.jsonl"), "torn\n{");
      const { send } = await open(folder.path());
      const { json } = await send("POST", "/api/table", query);
      expect(json.total).to.be.within(60, 62);
      const keys = json.rows.map(({ keys: [key] }: { keys: string[] }) => key);
      expect(keys).to.include.members(["r0000000", "r0000001", "r0000002"]);
    });

    it("does without a run that was deleted since", async () => {
      const { send, index } = await open(folder.path());
      rmSync(folder.path("tuning", "r0000000"), { recursive: true });
      await index.refresh();
      expect((await send("POST", "/api/table", query)).json.total).to.equal(59);
    });
  });

  describe("GET /api/columns", () => {
    it("answers with the columns of all runs, or of some", async () => {
      const { get } = await open(folder.path());
      const { json } = await get("/api/columns");
      expect(json.config).to.deep.include({
        name: "config.optimizer.name",
        runs: 60,
        kind: "text",
        distinct: 3,
      });
      expect(json.summary.map(({ name }: { name: string }) => name)).to.deep.equal([
        "summary.error",
        "summary.score",
      ]);
      const some = await get("/api/columns?runs=r0000000,r0000001");
      expect(some.json.summary).to.deep.equal([
        { name: "summary.score", runs: 2, kind: "number", distinct: 2 },
      ]);
    });

    it("counts anew when runs have changed", async () => {
      const { get, send } = await open(folder.path());
      const before = (await get("/api/columns")).json.revision;
      await send("POST", "/api/runs/r0000000/notes", { starred: true });
      expect((await get("/api/columns")).json.revision).to.be.above(before);
    });

    it("takes a run with 10,000 metrics, with HTML and other oddities in their names", async () => {
      const metrics = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`m/${i}`, i]));
      const odd = { "<img src=x>": 1, "ü/\u202eb": 2, "a.b:c": 3, constructor: 4 };
      const line = { kind: "metrics", step: 1, epoch: 0, wallTimeSeconds: 1, metrics };
      writeFileSync(
        folder.path("tuning", "r0000000", "metrics.jsonl"),
        `${JSON.stringify({ ...line, metrics: { ...metrics, ...odd } })}\n`,
      );
      const { get, send } = await open(folder.path());
      const { json } = await get("/api/columns");
      const names = json.metrics.map(({ name }: { name: string }) => name);
      expect(names).to.include.members(Object.keys(odd).map((name) => `metrics.${name}`));
      expect(names.length).to.be.above(10_000);
      const columns = ["metrics.m/9999", ...Object.keys(odd).map((name) => `metrics.${name}`)];
      const table = await send("POST", "/api/table", { ...query, columns, limit: 2 });
      expect(table.json.rows[0].cells).to.deep.equal([9999, 1, 2, 3, 4]);
      expect(table.json.rows[1].cells).to.deep.equal([null, null, null, null, null]);
    });
  });
});
