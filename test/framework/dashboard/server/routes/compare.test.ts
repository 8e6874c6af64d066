import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

describe("GET /api/compare", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  beforeEach(() => generateRuns({ folder: folder.path(), count: 60 }));

  it("says which settings, surroundings and results differ", async () => {
    const { get } = await open(folder.path());
    const { json } = await get("/api/compare?runs=r0000000,r0000001");
    expect(json.runs.map(({ key }: any) => key)).to.deep.equal(["r0000000", "r0000001"]);
    const row = (section: string, name: string): unknown =>
      json.sections
        .find((each: any) => each.name === section)
        .rows.find((each: any) => each.name === name);
    expect(row("config", "seed")).to.deep.equal({ name: "seed", values: [0, 1], differs: true });
    expect(row("config", "optimizer.name")).to.include({ differs: false });
    expect(row("environment", "command")).to.deep.equal({
      name: "command",
      values: ["seedbed sweep sweeps/tuning.yaml", "seedbed sweep sweeps/tuning.yaml"],
      differs: false,
    });
    expect(row("environment", "host.cores")).to.deep.include({ values: [8, 8] });
    expect(row("metrics", "train/loss")).to.include({ differs: true });
  });

  it("has null where a run has no such value, and NaN equals NaN", async () => {
    const { get } = await open(folder.path());
    const { json } = await get("/api/compare?runs=r0000000,r0000013"); // the 40th has failed
    const [, , summary, metrics] = json.sections;
    expect(summary.rows.map(({ name }: any) => name)).to.deep.equal(["score", "error"]);
    expect(summary.rows[1].values).to.deep.equal([null, "the loss is NaN"]);
    expect(metrics.rows[0].values[1]).to.equal("NaN");
    const twice = await get("/api/compare?runs=r0000013,r0000013");
    expect(twice.json.sections[3].rows[0]).to.include({ differs: false });
  });

  it("refuses more than 50 runs, none, and unknown ones", async () => {
    const { get } = await open(folder.path());
    const keys = Array.from({ length: 51 }, (_, i) => `r${i.toString(36).padStart(7, "0")}`);
    expect((await get(`/api/compare?runs=${keys.join(",")}`)).json).to.deep.equal({
      error: "Cannot compare 51 runs: expected at most 50",
    });
    expect((await get("/api/compare")).status).to.equal(400);
    expect((await get("/api/compare?runs=r0000000,nobody")).status).to.equal(404);
  });
});
