import path from "node:path";

import type { IndexedRun } from "../../store/indexedRun.ts";
import type { AnalysedPoint } from "../../sweep/analysis/analysedPoint.ts";
import {
  importanceMethods,
  leastRuns,
  type SweepAnalysis,
} from "../../sweep/analysis/analyseSweep.ts";
import type { RankedPoint } from "../../sweep/analysis/bestPoint.ts";
import { paretoFront } from "../../sweep/analysis/paretoFront.ts";
import { sweepCost } from "../../sweep/analysis/sweepCost.ts";
import { readJournal } from "../../sweep/journal.ts";
import { signOf } from "../../sweep/objectives.ts";
import type { SweepAnalysisAnswer, SweepMetricName } from "../api.ts";
import type { DashboardState } from "./dashboardState.ts";
import { KeptAnalyses } from "./keptAnalyses.ts";
import {
  configOf,
  parametersOf,
  recordOf,
  sweepFolderOf,
  trialsOf,
  valueOf,
} from "./sweepAnswers.ts";

/** What the trials of sweeps have found. */
export class SweepAnalyses {
  readonly #kept = new KeptAnalyses();

  /**
   * @param metric takes the place of the sweep's own
   * @throws {RequestError} when no run belongs to the sweep
   */
  answer(id: string, state: DashboardState, metric?: SweepMetricName): SweepAnalysisAnswer {
    const runs = trialsOf(id, state);
    const record = recordOf(runs, state);
    const columns = parametersOf(runs, state, record);
    const judged = metric ?? record?.metric ?? null;
    const parameters = columns.map((name) => ({
      name,
      range: record?.parameters.find((each) => `config.${each.name}` === name)?.range ?? null,
    }));
    const groups = groupsOf(runs);
    const points = judged ? groups.map((group) => pointOf(group, columns, judged.name)) : [];
    const analysis = this.#kept.analyse({ id, metric: judged, parameters, points });
    const [best, second] = analysis.ranking;
    const metrics = record?.metrics ?? [];
    return {
      metric: judged,
      parameters: columns,
      methods: [...importanceMethods],
      runs: analysis.runs,
      leastRuns,
      best: best ? rankedAnswer(best) : null,
      second: second ? rankedAnswer(second) : null,
      comparison: comparisonAnswer(analysis),
      influence: influenceAnswer(analysis),
      front:
        metrics.length > 1 ? { metrics: [...metrics], points: frontOf(groups, metrics) } : null,
      cost: costOf(runs, state),
    };
  }
}

/** Runs of one point, which differ in their seeds alone. */
function groupsOf(runs: readonly IndexedRun[]): IndexedRun[][] {
  const groups = new Map<string, IndexedRun[]>();
  for (const run of runs) {
    const known = groups.get(run.group);
    if (known) known.push(run);
    else groups.set(run.group, [run]);
  }
  return [...groups.values()];
}

function pointOf(
  runs: readonly IndexedRun[],
  columns: readonly string[],
  metric: string,
): AnalysedPoint {
  return {
    label: runs[0]!.key,
    parameters: columns.map((column) => configOf(runs[0]!, column)),
    values: new Map(
      runs
        .filter(({ status }) => status === "finished")
        .flatMap((run) => {
          const value = valueOf(run, metric);
          return value === undefined ? [] : [[run.seed ?? 0, value] as const];
        }),
    ),
  };
}

function rankedAnswer({ point, interval }: RankedPoint): SweepAnalysisAnswer["best"] {
  const { mean, low = null, high = null, count } = interval;
  return { key: point.label, parameters: [...point.parameters], mean, low, high, count };
}

function comparisonAnswer({ second }: SweepAnalysis): SweepAnalysisAnswer["comparison"] {
  if (!second) return null;
  const { mean, low = null, high = null, count } = second.difference;
  return { mean, low, high, count, isDistinct: second.isDistinct ?? null };
}

function influenceAnswer({ influence }: SweepAnalysis): SweepAnalysisAnswer["influence"] {
  if (!influence) return null;
  const { parameters, together, foretold = null } = influence;
  return {
    together,
    foretold,
    parameters: parameters.map(({ dependence, ...rest }) => ({
      ...rest,
      dependence: {
        isLog: dependence.isLog,
        at: [...dependence.at],
        mean: [...dependence.mean],
        deviation: [...dependence.deviation],
      },
    })),
  };
}

/** Means over the finished runs of each point that has all metrics. */
function frontOf(
  groups: readonly (readonly IndexedRun[])[],
  metrics: readonly SweepMetricName[],
): NonNullable<SweepAnalysisAnswer["front"]>["points"] {
  const points = groups.flatMap((runs) => {
    const finished = runs.filter(({ status }) => status === "finished");
    const values = metrics.map(({ name }) => meanOf(finished.map((run) => valueOf(run, name))));
    return values.every(Number.isFinite) ? [{ key: runs[0]!.key, values }] : [];
  });
  const signs = metrics.map(signOf);
  const front = new Set(
    paretoFront(points.map(({ values }) => values.map((value, i) => signs[i]! * value))),
  );
  return points.map((point, i) => ({ ...point, isOnFront: front.has(i) }));
}

function meanOf(values: readonly (number | undefined)[]): number {
  const known = values.filter((value) => value !== undefined);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Runs that were stopped as they promised little are known to the sweep's journal alone. */
function costOf(runs: readonly IndexedRun[], state: DashboardState): SweepAnalysisAnswer["cost"] {
  const pruned = prunedIn(sweepFolderOf(runs, state));
  const {
    byStatus,
    saved = null,
    ...total
  } = sweepCost(
    runs.map(({ id, status, durationSeconds, step }) => ({
      status: status === "interrupted" && pruned.has(id) ? "pruned" : status,
      seconds: durationSeconds,
      steps: step,
    })),
  );
  return {
    ...total,
    byStatus: [...byStatus].map(([status, cost]) => ({ status, ...cost })),
    saved,
  };
}

function prunedIn(folder: string): Set<string> {
  const last = new Map<string, boolean>();
  try {
    for (const event of readJournal(path.join(folder, "sweep.jsonl"))) {
      last.set(event.id, event.event === "ended" && event.outcome === "pruned");
    }
  } catch {
    return new Set(); // one that cannot be read says nothing
  }
  return new Set([...last].flatMap(([id, isPruned]) => (isPruned ? [id] : [])));
}
