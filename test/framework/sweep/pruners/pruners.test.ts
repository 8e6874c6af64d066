import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { TrialCurve } from "../../../../framework/sweep/pruner.ts";
import { ashaPruner } from "../../../../framework/sweep/pruners/asha.ts";
import { createPruner, type PrunerSpec } from "../../../../framework/sweep/pruners/index.ts";

/** Trial, step, value and whether Optuna pruned the trial then. */
type Report = [trial: number, step: number, value: number | null, isPruned: boolean];

interface Golden {
  hyperband: {
    early_terminate: {
      min_iter?: number;
      max_iter?: number;
      s?: number;
      eta?: number;
      strict?: boolean;
    };
    goal: string;
    runs: { name: string; state: string; values: number[] }[];
    stop: string[];
  }[];
  pruners: {
    pruner: string;
    direction: string;
    n_startup_trials: number;
    n_warmup_steps: number;
    n_min_trials: number;
    min_resource: number;
    reduction_factor: number;
    reports: Report[];
  }[];
}

const file = path.resolve(import.meta.dirname, "../../../fixtures/sweeps/pruner-decisions.json");
const golden: Golden = JSON.parse(readFileSync(file, "utf8"));

const curve = (index: number, values: number[], state = "running"): TrialCurve => ({
  index,
  isRunning: state === "running",
  isFinished: state === "finished",
  values: values.map((value, step) => ({ step, value })),
});

describe("hyperbandPruner()", () => {
  for (const [i, { early_terminate, goal, runs, stop }] of golden.hyperband.entries()) {
    it(`stops whom W&B does, case ${i}: ${JSON.stringify(early_terminate)}, ${goal}`, () => {
      const pruner = createPruner({ eta: 3, strict: true, ...early_terminate, type: "hyperband" });
      const sign = goal === "maximize" ? -1 : 1;
      const curves = runs.map(({ values, state }, k) =>
        curve(
          k,
          values.map((value) => sign * value),
          state,
        ),
      );
      const stopped = curves.filter(
        (each) => each.isRunning && pruner.reasonToStop(each, curves) !== undefined,
      );
      expect(stopped.map(({ index }) => runs[index]?.name)).to.deep.equal(stop);
    });
  }
});

describe("percentilePruner() and ashaPruner()", () => {
  for (const [i, each] of golden.pruners.entries()) {
    it(`decide as Optuna at each of ${each.reports.length} reports, case ${i}: ${each.pruner}, ${each.direction}`, () => {
      const spec: PrunerSpec =
        each.pruner === "median"
          ? {
              type: "median",
              startup_trials: each.n_startup_trials,
              warmup_steps: each.n_warmup_steps,
              min_trials: each.n_min_trials,
            }
          : {
              type: "asha",
              min_steps: each.min_resource,
              eta: each.reduction_factor,
              first_arrivals: "best_only",
            };
      expect(replay(spec, each.reports, each.direction === "maximize" ? -1 : 1)).to.deep.equal(
        each.reports.map(([, , , isPruned]) => isPruned),
      );
    });
  }

  it("stop nobody before there is something to compare with", () => {
    const median = createPruner({
      type: "median",
      startup_trials: 1,
      warmup_steps: 0,
      min_trials: 1,
    });
    const alone = curve(0, [5]);
    expect(median.reasonToStop(alone, [alone])).to.equal(undefined);
    expect(median.reasonToStop(curve(1, []), [alone])).to.equal(undefined);
  });

  it("let the first at a rung go on, or only the best of them", () => {
    const [good, bad] = [curve(0, [1, 1]), curve(1, [2, 2])];
    const asha = { type: "asha", min_steps: 1, eta: 3 } as const;
    const decide = (first_arrivals: "continue" | "best_only"): (string | undefined)[] => {
      const pruner = ashaPruner({ ...asha, first_arrivals });
      return [good, bad].map((each) => pruner.reasonToStop(each, [good, bad]));
    };
    expect(decide("continue")).to.deep.equal([undefined, undefined]);
    expect(decide("best_only")).to.deep.equal([
      undefined,
      "asha at step 1: 2 is above 1, of 2 trials",
    ]);
  });
});

describe("percentilePruner()", () => {
  const finished = [1, 2, 3, 4, 5].map((value, i) => curve(i, [value, value], "finished"));

  // By Optuna 5.0's PercentilePruner.
  for (const [percentile, value, isPruned] of [
    [25, 1.9, false],
    [25, 2.1, true],
    [75, 4.1, true],
    [75, 3.9, false],
  ] as const) {
    it(`${isPruned ? "stops" : "keeps"} ${value} where ${percentile} % of 1 to 5 are good enough`, () => {
      const pruner = createPruner({
        type: "percentile",
        percentile,
        startup_trials: 2,
        warmup_steps: 0,
        min_trials: 1,
      });
      const trial = curve(9, [value]);
      const reason = pruner.reasonToStop(trial, [...finished, trial]);
      expect(reason !== undefined).to.equal(isPruned);
    });
  }
});

describe("patiencePruner()", () => {
  // By Optuna 5.0's PatientPruner: after which values it stops.
  for (const [values, patience, min_delta, stops] of [
    [[5, 4, 3, 4, 4, 4, 4, 2], 2, 0, "-----xx-"],
    [[5, 4, 3, 3.2, 3.4, 3.6, 3.8], 2, 0.3, "------x"],
    [[1, 2, 3], 0, 0, "-xx"],
    [[3, Number.NaN, 4, 5, 6], 1, 0, "--xxx"],
  ] as const) {
    it(`decides as Optuna after each of ${values.join(", ")} with a patience of ${patience}`, () => {
      const pruner = createPruner({ type: "patience", patience, min_delta });
      const decisions = values.map((_, i) =>
        pruner.reasonToStop(curve(0, values.slice(0, i + 1)), []) === undefined ? "-" : "x",
      );
      expect(decisions.join("")).to.equal(stops);
    });
  }
});

describe("ashaPruner()", () => {
  it("does not decide again about a trial that goes on after a restart", () => {
    const spec = { type: "asha", min_steps: 1, eta: 3, first_arrivals: "best_only" } as const;
    const better = [1, 2, 3].map((index) => curve(index, [0, 1, 1, 1], "finished"));
    const trial = curve(0, [0, 2]);
    expect(createPruner(spec).reasonToStop(trial, [...better, trial])).to.match(/at step 1/);
    const restarted = createPruner(spec);
    restarted.resume!(trial);
    expect(restarted.reasonToStop(trial, [...better, trial])).to.equal(undefined);
    const later = curve(0, [0, 2, 2, 2]);
    expect(restarted.reasonToStop(later, [...better, later])).to.match(/at step 3/);
  });
});

/** Reports one after another; a trial is finished after its last one, unless it was pruned. */
function replay(spec: PrunerSpec, reports: readonly Report[], sign: number): boolean[] {
  const pruner = createPruner(spec);
  const curves = new Map<number, TrialCurve>();
  return reports.map(([trial, step, value, wasPruned], i) => {
    const before = curves.get(trial) ?? curve(trial, []);
    const report = { step, value: sign * (value ?? Number.NaN) };
    const now = { ...before, values: [...before.values, report] };
    curves.set(trial, now);
    const isPruned = pruner.reasonToStop(now, [...curves.values()]) !== undefined;
    const isLast = !reports.slice(i + 1).some(([other]) => other === trial);
    if (isLast) curves.set(trial, { ...now, isRunning: false, isFinished: !wasPruned });
    return isPruned;
  });
}
