import { rmSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const id = "sc72dee7";
const parameters = ["config.model.width", "config.optimizer.learningRate", "config.optimizer.name"];

describe("sweeps", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  beforeEach(() => generateRuns({ folder: folder.path(), count: 60 }));

  it("are listed with what they searched and how far they are", async () => {
    const { json } = await (await open(folder.path())).get("/api/sweeps");
    expect(json).to.deep.equal([
      {
        id,
        name: "tuning",
        metric: { name: "score", goal: "minimize" },
        parameters,
        runs: 60,
        finished: 58,
        failed: 1,
      },
    ]);
  });

  it("have their trials in order, with the value that each is judged by", async () => {
    const { json } = await (await open(folder.path())).get(`/api/sweeps/${id}`);
    expect(json.trials).to.have.length(60);
    const [first] = json.trials;
    expect(first).to.deep.include({ key: "r0000000", status: "finished", group: "g0" });
    expect(first.parameters[2]).to.equal("adam");
    expect(first.value).to.be.a("number");
    expect(json.trials[39]).to.include({ status: "failed", value: null });
  });

  it("say how much each parameter decides", async () => {
    const { json } = await (await open(folder.path())).get(`/api/sweeps/${id}`);
    expect(json.importance.map(({ parameter }: any) => parameter)).to.deep.equal(parameters);
    const [width, rate, optimizer] = json.importance;
    expect(rate.importance).to.be.above(width.importance); // the loss is a parabola over the rate
    expect(rate.importance + width.importance + optimizer.importance).to.be.closeTo(1, 1e-9);
    expect(rate.correlation).to.be.within(-1, 1);
    expect(optimizer.correlation).to.equal(null);
  });

  it("are judged by another metric when asked", async () => {
    const { get } = await open(folder.path());
    const { json } = await get(`/api/sweeps/${id}?metric=val%2Floss&goal=maximize`);
    expect(json.metric).to.deep.equal({ name: "val/loss", goal: "maximize" });
    expect(json.trials[39].value).to.be.a("number"); // failed runs have logged it, too
    const none = await get(`/api/sweeps/${id}?metric=nothing`);
    expect([none.json.trials[0].value, none.json.importance]).to.deep.equal([null, []]);
  });

  it("are known without their record: by what the runs say of them", async () => {
    rmSync(folder.path("tuning", `sweep.${id}.json`));
    const { json } = await (await open(folder.path())).get("/api/sweeps");
    expect(json[0].metric).to.equal(null);
    expect(json[0].parameters).to.have.members(parameters);
  });

  it("answer 404 where no run belongs to one, and 400 to an unknown goal", async () => {
    const { get } = await open(folder.path());
    expect((await get("/api/sweeps/nothing")).status).to.equal(404);
    expect((await get(`/api/sweeps/${id}?metric=a&goal=best`)).status).to.equal(400);
  });
});
