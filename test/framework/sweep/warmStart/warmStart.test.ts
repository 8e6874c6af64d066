import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../../framework/sweep/point.ts";
import type { TrialPlan } from "../../../../framework/sweep/trialPlan.ts";
import {
  collectWarmStart,
  describeWarmStart,
  earlierObservations,
} from "../../../../framework/sweep/warmStart/warmStart.ts";
import {
  keepWarmStart,
  loadWarmStart,
} from "../../../../framework/sweep/warmStart/warmStartFile.ts";
import { storeTrial, sweepWorkshop } from "../../../support/sweeps.ts";

describe("collectWarmStart()", () => {
  const workshop = sweepWorkshop();
  const slopes = "parameters: { data.slope: { min: 0.0, max: 2.5 } }";
  const next = `name: next\nmetric: { name: score, goal: maximize }\n${slopes}\nwarm_start: [runs/sweep]`;

  /** Runs two seeds of slopes 1, 2 and 3, but the last with another metric; one has failed. */
  async function storeEarlier(): Promise<void> {
    const plan = workshop.plan("seeds: 2\nparameters: { data.slope: { values: [1, 2, 3] } }");
    const folder = workshop.folder(plan);
    for (const [i, score] of [0.1, 0.3, 0.5].entries()) {
      await storeTrial(folder, plan, plan.trialAt(i)!, { summary: { score } });
    }
    await storeTrial(folder, plan, plan.trialAt(3)!, { outcome: "failed", summary: { score: 9 } });
    await storeTrial(folder, plan, plan.trialAt(4)!, { summary: { score: 4 } });
    await storeTrial(folder, plan, plan.trialAt(5)!, { summary: { loss: 4 } });
  }

  const collect = (text: string): ReturnType<typeof collectWarmStart> =>
    collectWarmStart(workshop.plan(text, "tpe").spec, workshop.path("runs"));

  it("takes means over the finished runs of each point, and counts what it leaves out", async () => {
    await storeEarlier();
    const { spec } = workshop.plan(next, "tpe");
    const warm = collectWarmStart(spec, workshop.path("runs"));
    const found = earlierObservations(spec, warm).map(({ index, point, values }) => {
      return [index, plainPoint(point)["data.slope"], values];
    });
    expect(found).to.deep.equal([
      [-2, 1, [-0.2]],
      [-1, 2, [-0.5]],
    ]);
    expect(describeWarmStart(warm)).to.equal(
      "Starts from 2 points of 3 earlier runs; left out: 1 outside this sweep's space, 1 without its metrics",
    );
  });

  it("finds the runs of another sweep by its file, each once", async () => {
    await storeEarlier();
    workshop.write({ "old.yaml": `name: sweep\nprogram: base.yaml\nmethod: random\n${slopes}` });
    const { points } = collect(next.replace("[runs/sweep]", "[old.yaml, runs/sweep, runs]"));
    expect(points.map(({ runs }) => runs.length)).to.deep.equal([2, 1]);
  });

  for (const [about, change, problem] of [
    [
      "a source that is not there",
      ["runs/sweep", "runs/nothing"],
      /:6 at \/warm_start\/0: expected a sweep's file or a folder of runs, found nothing at .*nothing/,
    ],
    [
      "a source without runs",
      ["runs/sweep", "empty"],
      /expected finished runs in .*empty, found none/,
    ],
    [
      "a metric that no run has",
      ["name: score", "name: scroe"],
      /expected runs that have the metric "scroe", got 5 without it; did you mean "score"\?/,
    ],
  ] as const) {
    it(`refuses ${about}`, async () => {
      await storeEarlier();
      mkdirSync(workshop.path("empty"));
      const [from, to] = change;
      expect(() => collect(next.replace(from, to))).to.throw(problem);
    });
  }

  it("is what it was when the sweep is started again, whatever has been found since", async () => {
    await storeEarlier();
    const plan = workshop.plan(next, "tpe");
    const place = { runsFolder: workshop.path("runs"), id: plan.id };
    const first = loadWarmStart(plan.spec, place)!;
    keepWarmStart(plan.spec, place, first);
    const again = workshop.plan("name: sweep\nparameters: { data.slope: { values: [1] } }");
    await storeTrial(workshop.folder(again), again, again.trialAt(0)!, { summary: { score: 7 } });
    expect(collectWarmStart(plan.spec, place.runsFolder)).to.not.deep.equal(first);
    expect(loadWarmStart(plan.spec, place)).to.deep.equal(first);
    workshop.write({ [`runs/next/warm-start.${plan.id}.json`]: '{"points": [{}]}' });
    expect(() => loadWarmStart(plan.spec, place)).to.throw("expected points with values of score");
  });
});

describe("a plan with a warm start", () => {
  const workshop = sweepWorkshop();

  /** A plan that knows scores of slopes 1 to 4 of 5. */
  function plan(method: "tpe" | "bayes" | "cma_es" | "nsga2", more = ""): TrialPlan {
    const text = `metric: { name: score }\nparameters: { data.slope: { min: 1, max: 5 } }\n${more}`;
    const points = [1, 2, 3, 4].map((slope) => ({
      point: { "data.slope": slope },
      runs: [`r${slope}`],
      values: { score: slope },
    }));
    return workshop.plan(text, method, { points, outside: 0, withoutMetric: 0 });
  }

  for (const method of ["tpe", "bayes", "cma_es", "nsga2"] as const) {
    it(`tries no point again that was run before, with ${method}`, () => {
      const { point } = plan(method).trialAt(0)!;
      expect(plainPoint(point)).to.deep.equal({ "data.slope": 5 });
      expect(plan(method).first(9)).to.have.length(1);
    });
  }

  it("has fewer random points, as it has learnt some already", () => {
    expect(plan("tpe").independent).to.equal(6);
    expect(plan("nsga2", "population: 3").independent).to.equal(0);
  });
});
