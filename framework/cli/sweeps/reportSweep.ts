import { InputError } from "../../base/errors.ts";
import { formatDuration } from "../../base/formatDuration.ts";
import type { MeanAndDeviation } from "../../base/meanAndDeviation.ts";
import { suggest } from "../../base/nearest.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import {
  summariseSweep,
  type PointSummary,
  type SweepSummary,
  type TrialSummary,
} from "../../sweep/analysis/sweepSummary.ts";
import { parameterLabel, valueLabel, variedParameters } from "../../sweep/pointLabels.ts";
import { restorePoints } from "../../sweep/restorePoints.ts";
import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import type { TrialPlan } from "../../sweep/trialPlan.ts";
import { checkMetrics } from "./checkMetrics.ts";
import { formatTable, type TableFormat } from "./formatTable.ts";
import { scheduleTable } from "./scheduleTable.ts";

export interface ReportOptions {
  readonly folder: SweepFolder;
  /** To show beside the sweep's own. */
  readonly metrics: readonly string[];
  /** Names of parameters to group by, averaging over all others; none: by every one. */
  readonly by: readonly string[];
  /** One line for each trial in the place of one for each point. */
  readonly trials: boolean;
  readonly format: TableFormat;
  readonly count?: number;
}

/**
 * A table of what a sweep has found, best first, and how far it is.
 *
 * @throws {InputError} for a metric that no finished trial has
 */
export function reportSweep(plan: TrialPlan, options: ReportOptions): string[] {
  const { folder, metrics, trials, format, count } = options;
  const by = options.by.length > 0 ? options.by.map((name) => varied(plan, name)) : undefined;
  restorePoints(plan, folder);
  const summary = summariseSweep(plan, folder, {
    names: metrics,
    ...(by && { by }),
    ...(count !== undefined && { count }),
  });
  checkMetrics(plan, summary);
  const { objectives } = plan.spec;
  const names = [...new Set([...objectives.map(({ name }) => name), ...metrics])];
  const table = trials
    ? trialRows(plan, summary, names)
    : pointRows(by ?? variedParameters(plan.spec), summary, {
        names,
        apart: format === "csv",
        hasFront: objectives.length > 1,
      });
  if (format === "csv") return formatTable(table, format);
  const schedule = scheduleOfBest(plan, folder, summary);
  const shown = schedule ? ["", schedule.title, "", ...formatTable(schedule.table, format)] : [];
  return [...formatTable(table, format), "", describe(summary), ...shown];
}

/** Of a population: how its best member came to be. */
function scheduleOfBest(
  plan: TrialPlan,
  folder: SweepFolder,
  { points: [best] }: SweepSummary,
): { title: string; table: string[][] } | undefined {
  const member = best?.trials[0];
  if (!plan.spec.pbt || member?.status !== "finished") return undefined;
  const title = `The best member is trial ${member.trial.index + 1}; its weights were trained with`;
  return { title, table: scheduleTable(plan, folder, member.trial) };
}

function trialRows(plan: TrialPlan, summary: SweepSummary, names: readonly string[]): string[][] {
  const parameters = variedParameters(plan.spec);
  const header = ["trial", "id", ...parameters.map(parameterLabel), "seed", "status", "time"];
  const row = ({ trial, status, record, metrics }: TrialSummary): string[] => [
    String(trial.index + 1),
    trial.id,
    ...parameters.map((parameter) => valueLabel(parameter, trial.point)),
    String(trial.seed ?? record.manifest?.seed ?? ""),
    status,
    record.seconds > 0 ? formatDuration(record.seconds) : "",
    ...names.map((name) => formatValue(metrics.get(name))),
  ];
  return [[...header, ...names], ...summary.trials.map(row)];
}

/** @throws {InputError} for a name that is no parameter in which trials differ */
function varied({ spec }: TrialPlan, name: string): SweepParameter {
  const parameters = variedParameters(spec);
  const found = parameters.find((each) => each.name === name || parameterLabel(each) === name);
  if (found) return found;
  throw new InputError(
    `Cannot report on ${spec.name}: expected a parameter in which trials differ, got "${name}"${suggest(name, parameters.map(parameterLabel))}`,
  );
}

/**
 * @param apart whether mean and deviation have columns of their own
 * @param hasFront whether a column says which points are on the Pareto front
 */
function pointRows(
  parameters: readonly SweepParameter[],
  summary: SweepSummary,
  { names, apart, hasFront }: { names: readonly string[]; apart: boolean; hasFront: boolean },
): string[][] {
  const columns = names.flatMap((name) => (apart ? [`${name} mean`, `${name} sd`] : [name]));
  const cells = (value: MeanAndDeviation | undefined): string[] =>
    apart ? [formatValue(value?.mean), formatValue(value?.deviation)] : [formatMean(value)];
  const row = (point: PointSummary): string[] => {
    const { trials, metrics } = point;
    const [first] = trials;
    const finished = trials.filter(({ status }) => status === "finished");
    return [
      ...parameters.map((parameter) => (first ? valueLabel(parameter, first.trial.point) : "")),
      ...names.flatMap((name) => cells(metrics.get(name))),
      String(finished.length),
      ...(hasFront ? [summary.front.has(point) ? "yes" : ""] : []),
    ];
  };
  const header = [...parameters.map(parameterLabel), ...columns, "n"];
  return [[...header, ...(hasFront ? ["Pareto front"] : [])], ...summary.points.map(row)];
}

const formatMean = (value: MeanAndDeviation | undefined): string =>
  value?.deviation === undefined
    ? formatValue(value?.mean)
    : `${formatValue(value.mean)} ± ${formatValue(value.deviation)}`;

const formatValue = (value: number | undefined): string =>
  value === undefined ? "" : String(Number(value.toPrecision(4)));

/** Such as `34 of 36 trials finished, 2 failed; 2h 12m`. */
function describe({ trials }: SweepSummary): string {
  const counts = new Map<string, number>();
  for (const { status } of trials) counts.set(status, (counts.get(status) ?? 0) + 1);
  const finished = counts.get("finished") ?? 0;
  counts.delete("finished");
  const others = [...counts].map(([status, count]) => `, ${count} ${status}`).join("");
  const seconds = trials.reduce((sum, { record }) => sum + record.seconds, 0);
  return `${finished} of ${trials.length} trials finished${others}; ${formatDuration(seconds)} in all`;
}
