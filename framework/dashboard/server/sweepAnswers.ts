import path from "node:path";

import type { Cell, IndexedRun } from "../../store/indexedRun.ts";
import { readSweepRecord, type SweepRecord } from "../../sweep/sweepRecord.ts";
import type { SweepAnswer, SweepInfo, SweepMetricName } from "../api.ts";
import type { DashboardState } from "./dashboardState.ts";
import { jsonNumber } from "./jsonNumbers.ts";
import { RequestError } from "./requestError.ts";

/** All sweeps that runs belong to, the newest first. */
export function listSweeps(state: DashboardState): SweepInfo[] {
  const sweeps = new Map<string, IndexedRun[]>();
  for (const run of state.index.runs()) {
    const known = run.sweep && sweeps.get(run.sweep.id);
    if (known) known.push(run);
    else if (run.sweep) sweeps.set(run.sweep.id, [run]);
  }
  return [...sweeps.values()].map((runs) => infoOf(runs, state)).toReversed();
}

/**
 * A sweep with its trials.
 *
 * @param metric takes the place of the sweep's own
 * @throws {RequestError} when no run belongs to it
 */
export function describeSweep(
  id: string,
  state: DashboardState,
  metric?: SweepMetricName,
): SweepAnswer {
  const runs = trialsOf(id, state);
  const info = infoOf(runs, state);
  const judged = metric ?? info.metric;
  const trials = runs.map((run) => {
    const value = judged ? valueOf(run, judged.name) : undefined;
    return {
      key: run.key,
      status: run.status,
      group: run.group,
      parameters: info.parameters.map((name) => configOf(run, name)),
      value: value === undefined ? null : jsonNumber(value),
    };
  });
  return { ...info, metric: judged, trials };
}

/** Runs of a sweep, by the numbers of the trials. @throws {RequestError} when there are none */
export function trialsOf(id: string, state: DashboardState): IndexedRun[] {
  const runs = state.index.runs().filter(({ sweep }) => sweep?.id === id);
  if (runs.length === 0) throw new RequestError(404, `Cannot find sweep ${JSON.stringify(id)}`);
  return runs.toSorted((a, b) => a.sweep!.trial - b.sweep!.trial);
}

/** Folder in which a sweep's runs lie. */
export function sweepFolderOf([run]: readonly IndexedRun[], state: DashboardState): string {
  return path.dirname(state.folder(run!.key));
}

/** What the sweep has left beside its runs. */
export function recordOf(
  runs: readonly IndexedRun[],
  state: DashboardState,
): SweepRecord | undefined {
  return readSweepRecord(sweepFolderOf(runs, state), runs[0]!.sweep!.id);
}

function infoOf(runs: readonly IndexedRun[], state: DashboardState): SweepInfo {
  const { id, name } = runs[0]!.sweep!;
  const record = recordOf(runs, state);
  const count = (status: string): number => runs.filter((run) => run.status === status).length;
  return {
    id,
    name,
    metric: record?.metric ?? null,
    parameters: parametersOf(runs, state, record),
    runs: runs.length,
    finished: count("finished"),
    failed: count("failed"),
  };
}

/**
 * Columns of what was searched. A parameter that is no key of the specs lays a file or a mapping on
 * them: then it is every setting in which the runs differ.
 */
export function parametersOf(
  runs: readonly IndexedRun[],
  state: DashboardState,
  record: SweepRecord | undefined,
): string[] {
  const told =
    record?.parameters.map(({ name }) => name) ?? state.facts.read(runs[0]!).sweepParameters;
  const known = told.filter((name) => runs.some(({ config }) => Object.hasOwn(config, name)));
  const names = known.length === told.length ? known : [...new Set([...known, ...varying(runs)])];
  return names.map((name) => `config.${name}`);
}

function varying(runs: readonly IndexedRun[]): string[] {
  const names = new Set(runs.flatMap(({ config }) => Object.keys(config)));
  const first = runs[0]!.config;
  return [...names].filter(
    (name) => name !== "seed" && runs.some(({ config }) => config[name] !== first[name]),
  );
}

export const configOf = ({ config }: IndexedRun, column: string): Cell =>
  config[column.slice("config.".length)] ?? null;

/** As sweeps judge runs: by the summary, else by the last value that was logged. */
export function valueOf({ summary, metrics }: IndexedRun, name: string): number | undefined {
  const value = Object.hasOwn(summary, name) ? summary[name] : undefined;
  if (typeof value === "number") return value;
  return Object.hasOwn(metrics, name) ? metrics[name]!.last : undefined;
}
