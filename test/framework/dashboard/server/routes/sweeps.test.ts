import { rmSync, writeFileSync } from "node:fs";

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

  it("say how much each parameter decides, by every method", async () => {
    const { json } = await (await open(folder.path())).get(`/api/sweeps/${id}/analysis`);
    expect(json.methods.map(({ name }: any) => name)).to.deep.equal([
      ...["PED-ANOVA", "fANOVA", "permutation"],
    ]);
    const { parameters: parts } = json.influence;
    expect(parts.map(({ name }: any) => name)).to.deep.equal(parameters);
    const [width, rate, optimizer] = parts;
    for (const { key } of json.methods) {
      // the score is a parabola over the rate
      expect(rate.importance[key]).to.be.above(width.importance[key]);
      const total = rate.importance[key] + width.importance[key] + optimizer.importance[key];
      expect(total).to.be.closeTo(1, 1e-9);
    }
    expect(rate.correlation).to.be.within(-1, 1);
    expect(optimizer.correlation).to.equal(null);
    expect(rate.dependence.isLog).to.equal(true);
    expect(optimizer.dependence.at).to.have.members(["adam", "sgd", "lamb"]);
  });

  it("know the best point, how sure it is, the front and the cost", async () => {
    const { json } = await (await open(folder.path())).get(`/api/sweeps/${id}/analysis`);
    const { best, second, comparison, front, cost } = json;
    expect(best.mean).to.be.below(second.mean);
    expect(best.low).to.be.below(best.mean);
    expect(best.count).to.equal(3);
    expect(comparison.mean).to.be.above(0);
    expect(front.metrics.map(({ name }: any) => name)).to.deep.equal(["score", "train/accuracy"]);
    expect(front.points.find(({ key }: any) => key === best.key).isOnFront).to.equal(true);
    expect(cost.runs).to.equal(60);
    expect(cost.byStatus).to.deep.include({
      status: "finished",
      runs: 58,
      seconds: 58 * 1800,
      steps: 58 * 200,
    });
    expect(cost.saved).to.equal(null);
  });

  it("say what stopping runs early has saved, which the sweep's journal knows", async () => {
    const event = { id: "r0000012", trial: 39, time: "2026-01-01T00:00:00Z" };
    const ended = { ...event, event: "ended", outcome: "pruned", seconds: 1 };
    writeFileSync(folder.path("tuning", "sweep.jsonl"), `${JSON.stringify(ended)}\n`);
    const { json } = await (await open(folder.path())).get(`/api/sweeps/${id}/analysis`);
    expect(json.cost.byStatus.map(({ status }: any) => status)).to.include("pruned");
    expect(json.cost.saved).to.deep.equal({ seconds: 0, steps: 0 }); // it had come to its end
  });

  it("are judged by another metric when asked", async () => {
    const { get } = await open(folder.path());
    const { json } = await get(`/api/sweeps/${id}?metric=val%2Floss&goal=maximize`);
    expect(json.metric).to.deep.equal({ name: "val/loss", goal: "maximize" });
    expect(json.trials[39].value).to.be.a("number"); // failed runs have logged it, too
    const none = await get(`/api/sweeps/${id}?metric=nothing`);
    expect(none.json.trials[0].value).to.equal(null);
    const found = await get(`/api/sweeps/${id}/analysis?metric=nothing`);
    const { runs, best, influence } = found.json;
    expect({ runs, best, influence }).to.deep.equal({ runs: 0, best: null, influence: null });
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
    expect((await get("/api/sweeps/nothing/analysis")).status).to.equal(404);
    expect((await get(`/api/sweeps/${id}?metric=a&goal=best`)).status).to.equal(400);
  });
});
