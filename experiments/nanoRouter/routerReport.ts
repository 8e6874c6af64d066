import type { Report, ReportBlock, ReportCell, ReportRow } from "seedbed";

import { meanScores } from "../nano/scores/meanScores.ts";
import { lostPercent, savedPercent, type Evaluation } from "./evaluateRouter.ts";
import type { AnsweredPair } from "./pairs.ts";

export interface RouterReportOptions {
  readonly evaluation: Evaluation;
  readonly pairs: readonly AnsweredPair[];
  /** Where and how it was measured, line by line. */
  readonly circumstances: readonly (readonly [what: string, text: string])[];
}

const unitWords: Readonly<Record<string, string>> = {
  dollars: "dollars",
  cpuSeconds: "processor time",
};

/** What routers save, and what that costs in score. */
export function routerReport(options: RouterReportOptions): Report {
  const { evaluation, pairs, circumstances } = options;
  const units = Object.keys(evaluation.ends);
  return {
    title: "What routing saves",
    blocks: [
      outcomeTable(evaluation),
      ...units.map((unit) => curveBlock(evaluation, unit)),
      { kind: "heading", text: "Tasks" },
      taskTable(pairs),
      { kind: "heading", text: "How it was measured" },
      { kind: "text", text: "", terms: circumstances },
    ],
    data: JSON.parse(
      JSON.stringify({ circumstances: Object.fromEntries(circumstances), ...evaluation }),
    ),
  };
}

const number = (mean: number | undefined): ReportCell =>
  mean === undefined || !Number.isFinite(mean) ? undefined : { mean };

function outcomeTable({ ends, routers }: Evaluation): ReportBlock {
  const units = Object.keys(ends);
  const whole = ends["dollars"]!;
  const end = (label: string, which: "weak" | "strong"): ReportRow => ({
    label,
    isBaseline: true,
    cells: [
      ...[undefined, which === "weak" ? 0 : 100, whole[which].score].map(number),
      number(lostPercent(whole[which], whole)),
      ...units.map((unit) => number(savedPercent(ends[unit]![which], ends[unit]!))),
      undefined,
    ],
  });
  return {
    kind: "table",
    corner: "who answers",
    columns: [
      { label: "threshold" },
      { label: "strong model, %", digits: 1 },
      { label: "task score" },
      { label: "score lost, %", digits: 1, better: "lower" },
      ...units.map((unit) => ({
        ...{ label: `${unitWords[unit]} saved, %`, digits: 1, better: "higher" as const },
      })),
      { label: "APGR", better: "higher" },
    ],
    rows: [
      end("the strong model", "strong"),
      end("the weak model", "weak"),
      ...routers.map(({ name, threshold, chosen, averageGapRecovered: gap }) => ({
        label: name,
        cells: [
          ...[threshold, 100 * chosen["dollars"]!.share, chosen["dollars"]!.score].map(number),
          number(lostPercent(chosen["dollars"]!, whole)),
          ...units.map((unit) => number(savedPercent(chosen[unit]!, ends[unit]!))),
          number(gap),
        ],
      })),
    ],
  };
}

function curveBlock({ ends, routers }: Evaluation, unit: string): ReportBlock {
  const end = ends[unit]!;
  return {
    kind: "lines",
    name: `score-and-${unit === "dollars" ? "dollars" : "processor-time"}`,
    x: `${unitWords[unit]} saved, %`,
    y: "task score kept, %",
    lines: routers.map(({ name, curve }) => {
      const points = curve[unit]!.toSorted((a, b) => a.cost - b.cost);
      return {
        label: name,
        x: points.map((point) => savedPercent(point, end)),
        y: points.map((point) => 100 - lostPercent(point, end)),
      };
    }),
  };
}

function taskTable(pairs: readonly AnsweredPair[]): ReportBlock {
  const means = (which: "weak" | "strong") =>
    meanScores(pairs.map((pair) => ({ group: pair.group, score: pair[which].score })));
  const [weak, strong] = [means("weak"), means("strong")];
  const groups = [...weak.keys()];
  return {
    kind: "table",
    corner: "model",
    columns: groups.map((label) => ({ label })),
    rows: [
      { label: "strong", cells: groups.map((group) => number(strong.get(group)!.mean)) },
      { label: "weak", cells: groups.map((group) => number(weak.get(group)!.mean)) },
      {
        label: "tasks",
        isBaseline: true,
        cells: groups.map((group) => String(weak.get(group)!.count)),
      },
    ],
  };
}

/** Every point of every curve, a line each. */
export function curveCsv({ ends, routers }: Evaluation): string {
  const lines = routers.flatMap(({ name, curve }) =>
    Object.entries(curve).flatMap(([unit, points]) =>
      points.map((point) => {
        const { threshold, share, score, cost } = point;
        const end = ends[unit]!;
        const derived = [savedPercent(point, end), lostPercent(point, end)];
        return [name, unit, threshold, share, score, cost, ...derived].join(",");
      }),
    ),
  );
  const head = "router,unit,threshold,strongShare,score,cost,savedPercent,lostPercent";
  return `${[head, ...lines].join("\n")}\n`;
}
