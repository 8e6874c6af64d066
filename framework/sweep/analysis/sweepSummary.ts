import { meanAndDeviation, type MeanAndDeviation } from "../../base/meanAndDeviation.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import type { SweepMetric } from "../../spec/sweepSpec.ts";
import { canonicalJson } from "../../tracking/parameters.ts";
import { currentTrial } from "../currentTrial.ts";
import { signOf } from "../objectives.ts";
import { valueLabel } from "../pointLabels.ts";
import type { SweepFolder } from "../sweepFolder.ts";
import type { Trial, TrialPlan } from "../trialPlan.ts";
import { metricNames, trialMetric, type TrialRecord, type TrialStatus } from "../trialRecord.ts";
import { paretoFront } from "./paretoFront.ts";

/** A trial and what has become of it. */
export interface TrialSummary {
  readonly trial: Trial;
  readonly status: TrialStatus;
  readonly record: TrialRecord;
  /** By name; those of finished trials alone. */
  readonly metrics: ReadonlyMap<string, number>;
}

/** The runs of one point, or of several that are alike in what they are grouped by. */
export interface PointSummary {
  readonly trials: readonly TrialSummary[];
  /** Over the finished runs, by name. */
  readonly metrics: ReadonlyMap<string, MeanAndDeviation>;
}

export interface SweepSummary {
  /** In the sweep's order. */
  readonly trials: readonly TrialSummary[];
  /**
   * The best first by the sweep's metric; those without it last. With several, those on the Pareto front
   * first, each part by the first metric. In the sweep's order without one.
   */
  readonly points: readonly PointSummary[];
  /** Those among them that no other one is better than in every metric; none with a single metric. */
  readonly front: ReadonlySet<PointSummary>;
  /** Of what was asked for: metrics that no finished trial has, and all that these have. */
  readonly missing: readonly { readonly name: string; readonly known: readonly string[] }[];
}

export interface SummaryOptions {
  readonly names: readonly string[];
  readonly by?: readonly SweepParameter[];
  readonly count?: number;
}

/**
 * Reads what a sweep's trials have found.
 *
 * @param names metrics to read beside the sweep's own
 * @param by parameters whose values tell groups apart; all of them when absent
 * @param count of the first so many trials alone
 */
export function summariseSweep(
  plan: TrialPlan,
  folder: SweepFolder,
  { names, by, count }: SummaryOptions,
): SweepSummary {
  const { objectives } = plan.spec;
  const wanted = [...new Set([...objectives.map(({ name }) => name), ...names])];
  const trials = knownTrials(plan, folder, count).map((trial) =>
    summariseTrial(currentTrial(plan, folder, trial), folder, wanted),
  );
  const points = [...groupTrials(trials, by)].map((each) => summarisePoint(each, wanted));
  const front = objectives.length > 1 ? frontOf(points, objectives) : new Set<PointSummary>();
  const [first] = objectives;
  const order = first ? byMetric(first.name, first.goal) : () => 0;
  points.sort((a, b) => Number(front.has(b)) - Number(front.has(a)) || order(a, b));
  return { trials, points, front, missing: missingMetrics(trials, folder, wanted) };
}

/** Of a sweep without end: those up to the last one that was started. */
function knownTrials(plan: TrialPlan, folder: SweepFolder, count?: number): Trial[] {
  const known = count ?? plan.count;
  if (known !== undefined) return plan.known(known);
  const trials: Trial[] = [];
  if (plan.independent !== undefined) return plan.known(Infinity);
  for (let index = 0; ; index++) {
    const trial = plan.trialAt(index);
    if (!trial || folder.record(trial.id).status === "waiting") return trials;
    trials.push(trial);
  }
}

function summariseTrial(trial: Trial, folder: SweepFolder, names: readonly string[]): TrialSummary {
  const record = folder.record(trial.id);
  const { status } = record;
  const metrics = new Map<string, number>();
  if (status !== "finished") return { trial, status, record, metrics };
  for (const name of names) {
    const value = trialMetric(folder.runFolder(trial.id), record, name);
    if (value !== undefined) metrics.set(name, value);
  }
  return { trial, status, record, metrics };
}

function groupTrials(
  trials: readonly TrialSummary[],
  by: readonly SweepParameter[] | undefined,
): Iterable<TrialSummary[]> {
  const groups = new Map<string, TrialSummary[]>();
  for (const each of trials) {
    const { point, group: name } = each.trial;
    const key = by ? canonicalJson(by.map((parameter) => valueLabel(parameter, point))) : name;
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return groups.values();
}

function summarisePoint(trials: readonly TrialSummary[], names: readonly string[]): PointSummary {
  const metrics = new Map<string, MeanAndDeviation>();
  for (const name of names) {
    const values = trials.flatMap((each) => each.metrics.get(name) ?? []);
    if (values.length > 0) metrics.set(name, meanAndDeviation(values));
  }
  return { trials, metrics };
}

/** A point without one of the metrics is not on it. */
function frontOf(
  points: readonly PointSummary[],
  objectives: readonly SweepMetric[],
): Set<PointSummary> {
  const means = points.map(({ metrics }) =>
    objectives.map((each) => signOf(each) * (metrics.get(each.name)?.mean ?? Number.NaN)),
  );
  return new Set(paretoFront(means).map((i) => points[i]!));
}

/** NaN is worse than any number. */
function byMetric(
  name: string,
  goal: "minimize" | "maximize",
): (a: PointSummary, b: PointSummary) => number {
  const sign = goal === "minimize" ? 1 : -1;
  const key = ({ metrics }: PointSummary): number => {
    const mean = metrics.get(name)?.mean ?? Number.NaN;
    return Number.isNaN(mean) ? Infinity : sign * mean;
  };
  return (a, b) => {
    const [one, other] = [key(a), key(b)];
    return one === other ? 0 : one < other ? -1 : 1;
  };
}

function missingMetrics(
  trials: readonly TrialSummary[],
  folder: SweepFolder,
  names: readonly string[],
): { name: string; known: string[] }[] {
  const finished = trials.filter(({ status }) => status === "finished");
  const [first] = finished;
  if (!first) return [];
  const absent = names.filter((name) => !finished.some(({ metrics }) => metrics.has(name)));
  if (absent.length === 0) return [];
  const known = metricNames(folder.runFolder(first.trial.id), first.record);
  return absent.map((name) => ({ name, known }));
}
