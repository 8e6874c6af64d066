import { formatDuration } from "../../../base/formatDuration.ts";
import type { JsonObject } from "../../../base/json.ts";
import type { Report, ReportBlock } from "../../../report/report.ts";
import type { SweepMetric } from "../../../spec/sweepSpec.ts";
import { analyseSweep } from "../../../sweep/analysis/analyseSweep.ts";
import type { SweepSummary } from "../../../sweep/analysis/sweepSummary.ts";
import type { SweepFolder } from "../../../sweep/sweepFolder.ts";
import { sweepRecord } from "../../../sweep/sweepRecord.ts";
import type { TrialPlan } from "../../../sweep/trialPlan.ts";
import { bestBlocks } from "./bestBlocks.ts";
import { costBlocks } from "./costBlocks.ts";
import { curveBlocks } from "./curveBlocks.ts";
import { foundPoints, type FoundPoint } from "./foundPoints.ts";
import { influenceBlocks } from "./influenceBlocks.ts";
import { parallelBlocks } from "./parallelBlocks.ts";
import { paretoBlocks } from "./paretoBlocks.ts";
import type { ReportedSweep } from "./reportedSweep.ts";
import { resultBlocks } from "./resultBlocks.ts";

export interface SweepReportOptions {
  readonly file: string;
  readonly metric: SweepMetric;
  readonly names: readonly string[];
  /** What was typed to get it. */
  readonly command: string;
}

/** All that a sweep has found, to hand on. */
export function sweepReport(
  plan: TrialPlan,
  folder: SweepFolder,
  summary: SweepSummary,
  { file, metric, names, command }: SweepReportOptions,
): Report {
  const { parameters } = sweepRecord(plan, file);
  const found = foundPoints(plan, summary, metric.name);
  const analysis = analyseSweep(parameters, found, metric.goal);
  const places = new Map(analysis.ranking.map(({ point }, place) => [point, place]));
  const place = (point: FoundPoint): number => places.get(point) ?? found.length;
  const points = found.toSorted((a, b) => place(a) - place(b));
  const sweep = { plan, folder, summary, metric, names, points, analysis };
  return {
    title: `Sweep ${plan.spec.name}`,
    blocks: [
      { kind: "text", text: describe(sweep) },
      ...bestBlocks(sweep),
      ...resultBlocks(sweep),
      ...paretoBlocks(sweep),
      ...influenceBlocks(sweep),
      ...parallelBlocks(sweep),
      ...curveBlocks(sweep),
      ...costBlocks(sweep),
      ...commandBlocks(command),
    ],
    data: dataOf(sweep),
  };
}

function describe({ plan, summary, points }: ReportedSweep): string {
  const goals = plan.spec.objectives.map(({ goal, name }) => `${goal} ${name}`).join(" and to ");
  const { trials } = summary;
  const counts = new Map<string, number>();
  for (const { status } of trials) counts.set(status, (counts.get(status) ?? 0) + 1);
  const statuses = [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
  const seconds = trials.reduce((sum, { record }) => sum + record.seconds, 0);
  const { seeds = 1, method } = plan.spec;
  const each = seeds > 1 ? `, each on ${seeds} seeds` : "";
  return `${points.length} points${each}, chosen by ${method} to ${goals}: ${statuses} runs, ${formatDuration(seconds)} in all.`;
}

const commandBlocks = (command: string): ReportBlock[] => [
  { kind: "heading", text: "How this was made" },
  { kind: "text", text: "", terms: [["Command", command]] },
];

function dataOf({ plan, metric, analysis, points, summary: { front } }: ReportedSweep): JsonObject {
  const { second, influence } = analysis;
  const data = {
    sweep: { id: plan.id, name: plan.spec.name, metric: { name: metric.name, goal: metric.goal } },
    runs: analysis.runs,
    second,
    influence,
    points: points.map(({ label, parameters, values, summary }) => ({
      label,
      parameters,
      values: Object.fromEntries(values),
      runs: summary.trials.map(({ trial, status }) => ({ id: trial.id, status })),
      onFront: front.has(summary),
    })),
  };
  const json: JsonObject = JSON.parse(JSON.stringify(data)); // without what is undefined
  return json;
}
