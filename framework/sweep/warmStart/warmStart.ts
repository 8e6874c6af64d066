import { existsSync } from "node:fs";
import path from "node:path";

import { suggest } from "../../base/nearest.ts";
import { readSpec } from "../../spec/readSpec.ts";
import { mapping } from "../../spec/specNode.ts";
import { failAt } from "../../spec/specPlace.ts";
import type { SweepSpec } from "../../spec/sweepSpec.ts";
import type { ListedRun } from "../../tracking/runStore.ts";
import { signOf } from "../objectives.ts";
import { pointKey, type Point } from "../point.ts";
import { recallPoint, recordPoint, type RecordedPoint } from "../recordedPoint.ts";
import type { Observation } from "../searcher.ts";
import { metricNames, trialMetric } from "../trialRecord.ts";
import { earlierPoint } from "./earlierPoint.ts";
import { earlierRuns } from "./earlierRuns.ts";

/** What a sweep knows before its first trial. */
export interface WarmStart {
  /** In the order in which they were first run. */
  readonly points: readonly EarlierPoint[];
  /** Finished runs that are no points of the sweep's space. */
  readonly outside: number;
  /** Finished runs that lack one of the sweep's metrics. */
  readonly withoutMetric: number;
}

export interface EarlierPoint {
  readonly point: RecordedPoint;
  /** Ids. */
  readonly runs: readonly string[];
  /** Means over the runs, by metric; null where one is no number. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** A point's finished runs, with what each has found of the objectives. */
interface FoundPoint {
  readonly point: Point;
  readonly runs: ListedRun[];
  readonly values: number[][];
}

/**
 * Takes what earlier runs have found.
 *
 * @param runsFolder where sweeps have their runs
 * @throws {SpecError} when a source has no finished runs, or no run has one of the metrics
 */
export function collectWarmStart(spec: SweepSpec, runsFolder: string): WarmStart {
  const all = spec.warmStart.flatMap((source) => earlierRuns(source, runsFolder));
  const runs = [...new Map(all.map((run) => [path.resolve(run.folder), run])).values()];
  checkMetrics(spec, runs);
  const found = new Map<string, FoundPoint>();
  let [outside, withoutMetric] = [0, 0];
  for (const run of runs) {
    const values = spec.objectives.map(({ name }) => trialMetric(run.folder, run, name));
    const known = values.filter((value) => value !== undefined);
    const point = known.length < values.length ? undefined : pointOf(spec, run);
    if (known.length < values.length) withoutMetric++;
    else if (!point) outside++;
    if (!point) continue;
    const key = pointKey(point);
    const twin = found.get(key) ?? { point, runs: [], values: [] };
    twin.runs.push(run);
    twin.values.push(known);
    found.set(key, twin);
  }
  const points = [...found.values()].map((each) => recordFound(spec, each));
  return { points, outside, withoutMetric };
}

function checkMetrics({ objectives, warmStart: [source] }: SweepSpec, runs: ListedRun[]): void {
  for (const { name } of objectives) {
    if (!source || runs.some((run) => trialMetric(run.folder, run, name) !== undefined)) continue;
    const known = runs[0] ? metricNames(runs[0].folder, runs[0]) : [];
    failAt(
      source,
      `expected runs that have the metric "${name}", got ${runs.length} without it${suggest(name, known)}`,
    );
  }
}

function pointOf(spec: SweepSpec, { folder, manifest }: ListedRun): Point | undefined {
  const file = path.join(folder, "spec.yaml");
  return earlierPoint(spec, {
    parameters: manifest.sweep?.parameters ?? {},
    spec: existsSync(file) ? readSpec(file).root : mapping(spec.root.origin),
  });
}

function recordFound(spec: SweepSpec, { point, runs, values }: FoundPoint): EarlierPoint {
  const means = spec.objectives.map(({ name }, i): [string, number | null] => {
    const mean = values.reduce((sum, each) => sum + each[i]!, 0) / values.length;
    return [name, Number.isFinite(mean) ? mean : null];
  });
  return {
    point: recordPoint(spec, point),
    runs: runs.map(({ manifest }) => manifest.id),
    values: Object.fromEntries(means),
  };
}

/** As searchers want it: numbered from below 0 up, so that all of it is older than the first point. */
export function earlierObservations(spec: SweepSpec, { points }: WarmStart): Observation[] {
  return points.map(({ point, values }, i) => ({
    index: i - points.length,
    point: recallPoint(spec, point),
    values: spec.objectives.map((each) => signOf(each) * (values[each.name] ?? Number.NaN)),
  }));
}

/** In one line, such as `Starts from 8 points of 24 earlier runs; 2 runs are left out: ...`. */
export function describeWarmStart({ points, outside, withoutMetric }: WarmStart): string {
  const taken = points.reduce((sum, { runs }) => sum + runs.length, 0);
  const reasons = [
    ...(outside > 0 ? [`${outside} outside this sweep's space`] : []),
    ...(withoutMetric > 0 ? [`${withoutMetric} without its metrics`] : []),
  ];
  const left = reasons.length > 0 ? `; left out: ${reasons.join(", ")}` : "";
  return `Starts from ${points.length} points of ${taken} earlier runs${left}`;
}
