import { appendFileSync, rmSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import type { SeriesQuery } from "../../../../../framework/dashboard/api.ts";
import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const query: SeriesQuery = {
  runs: [{ label: "one", keys: ["r0000000"] }],
  metrics: ["train/loss"],
  x: "step",
  from: null,
  to: null,
  points: 1000,
  band: "deviation",
  smoothing: { kind: "none", weight: 0 },
};

describe("POST /api/series", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  const file = (run: string): string => folder.path("tuning", run, "metrics.jsonl");
  beforeEach(() => generateRuns({ folder: folder.path(), count: 3 }));

  it("answers with a curve for each run and metric", async () => {
    const { send, index } = await open(folder.path());
    const { json } = await send("POST", "/api/series", {
      ...query,
      metrics: ["train/loss", "val/loss", "nothing"],
    });
    expect(json.revision).to.equal(index.revision);
    const [train, val] = json.series;
    expect(json.series).to.have.length(2);
    expect([train.label, train.metric, train.count]).to.deep.equal(["one", "train/loss", 20]);
    expect(train.x.slice(0, 3)).to.deep.equal([10, 20, 30]);
    expect(train.y).to.have.length(20);
    expect([val.metric, val.x]).to.deep.equal(["val/loss", [100, 200]]);
    expect(train).to.not.have.any.keys("smooth", "lower", "upper");
  });

  it("compresses what goes to another machine", async () => {
    const { app } = await open(folder.path());
    const runs = ["r0000000", "r0000001", "r0000002"].map((key) => ({ label: key, keys: [key] }));
    for (const [remoteAddress, expected] of [
      ["127.0.0.1", undefined],
      ["::1", undefined],
      ["10.0.0.7", "gzip"],
    ] as const) {
      const answer = await app.inject({
        method: "POST",
        url: "/api/series",
        headers: { host: "127.0.0.1", "accept-encoding": "gzip" },
        payload: { ...query, runs },
        remoteAddress,
      });
      expect([answer.statusCode, answer.headers["content-encoding"]]).to.deep.equal([
        200,
        expected,
      ]);
    }
  });

  it("averages several runs, with a band, and smooths", async () => {
    const { send } = await open(folder.path());
    const { json } = await send("POST", "/api/series", {
      ...query,
      runs: [{ label: "seeds", keys: ["r0000000", "r0000001", "r0000002"] }],
      smoothing: { kind: "exponential", weight: 0.9 },
    });
    const [curve] = json.series;
    expect(curve.lower[0]).to.be.below(curve.y[0]);
    expect(curve.upper[0]).to.be.above(curve.y[0]);
    expect(curve.smooth).to.have.length(20);
  });

  it("says where values were no numbers, and carries them as words", async () => {
    const line =
      '{"kind":"metrics","step":999,"epoch":1,"wallTimeSeconds":1,"metrics":{"train/loss":';
    appendFileSync(file("r0000000"), `${line}"NaN"}}\n${line}"-Infinity"}}\n${line}`);
    const { send } = await open(folder.path());
    const { json } = await send("POST", "/api/series", query);
    expect(json.series[0].nonFinite).to.deep.equal([
      { x: 999, value: "NaN" },
      { x: 999, value: "-Infinity" },
    ]);
    expect(json.series[0].y.slice(-2)).to.deep.equal(["NaN", "-Infinity"]);
  });

  it("leaves out what is gone", async () => {
    const { send } = await open(folder.path());
    rmSync(folder.path("tuning", "r0000000"), { recursive: true });
    const runs = [{ label: "some", keys: ["r0000000", "nobody", "r0000001"] }];
    const { status, json } = await send("POST", "/api/series", { ...query, runs });
    expect([status, json.series[0].count]).to.deep.equal([200, 20]);
  });

  for (const change of [
    { points: 3 },
    { points: 10_001 },
    { x: "weeks" },
    { band: "wide" },
    { metrics: Array.from({ length: 501 }, () => "a") },
    { runs: [{ label: "none", keys: [] }] },
    { from: "early" },
    { smoothing: { kind: "exponential", weight: 2 } },
    { more: true },
  ]) {
    it(`refuses ${JSON.stringify(change).slice(0, 60)}`, async () => {
      const { send } = await open(folder.path());
      const { status, json } = await send("POST", "/api/series", { ...query, ...change });
      expect([status, typeof json.error]).to.deep.equal([400, "string"]);
    });
  }

  it("refuses more curves than a page can show", async () => {
    const { send } = await open(folder.path());
    const runs = Array.from({ length: 300 }, (_, i) => ({ label: `${i}`, keys: ["r0000000"] }));
    const metrics = Array.from({ length: 10 }, (_, i) => `m${i}`);
    expect((await send("POST", "/api/series", { ...query, runs, metrics })).json).to.deep.equal({
      error: "Cannot answer with 3000 curves: expected at most 2000",
    });
  });
});
