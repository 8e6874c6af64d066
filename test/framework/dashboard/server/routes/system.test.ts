import { appendFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const url = "/api/runs/r0000000/system";
const names = ["cpu", "disk.percent", "memory.percent"];

describe("/api/runs/:run/system", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  beforeEach(() => generateRuns({ folder: folder.path(), count: 2, withMedia: 1 }));

  it("names what was measured of the machine, nothing for a run without", async () => {
    const { get } = await open(folder.path());
    expect((await get(url)).json).to.deep.equal({ metrics: names, series: [] });
    expect((await get("/api/runs/r0000001/system")).json.metrics).to.deep.equal([]);
  });

  it("answers with curves over the seconds since the run's start, thinned", async () => {
    const { send } = await open(folder.path());
    const { json } = await send("POST", url, {
      metrics: ["memory.percent", "nothing"],
      from: null,
      to: null,
      points: 50,
    });
    const [curve] = json.series;
    expect(json.series).to.have.length(1);
    expect([curve.metric, curve.count, curve.x[0], curve.y[0]]).to.deep.equal([
      "memory.percent",
      200,
      0,
      30,
    ]);
    expect(curve.x.length).to.be.within(20, 50);
    expect(curve.x.at(-1)).to.equal(1990);
  });

  it("passes over what cannot be read", async () => {
    const file = folder.path("tuning", "r0000000", "system.jsonl");
    appendFileSync(
      file,
      'oops\n{"time":"x","metrics":{"cpu":1}}\n{"time":1,"metrics":{"odd":"y"}}\n',
    );
    expect((await (await open(folder.path())).get(url)).json.metrics).to.deep.equal(names);
  });

  it("refuses more points than a screen has", async () => {
    const { send } = await open(folder.path());
    const body = { metrics: ["cpu"], from: null, to: null, points: 1e6 };
    expect((await send("POST", url, body)).status).to.equal(400);
  });
});
