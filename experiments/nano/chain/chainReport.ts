import type { Report, ReportBlock, ReportCell, ReportColumn, ReportRow } from "seedbed";

import type { ModelEvaluation } from "../evaluation/evaluateModel.ts";
import { taskGroups } from "../evaluation/taskScores.ts";
import { costOfMillion, type Speed } from "./measureSpeed.ts";

/** A model of the chain with all that was measured. The first is what others are compared with. */
export interface MeasuredLink {
  readonly name: string;
  readonly run: string | undefined;
  readonly sha256: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly evaluation: ModelEvaluation;
  /** Share of the test's pictures that it names right; undefined for one that sees none. */
  readonly named?: number | undefined;
  readonly speed: Speed;
}

export interface ChainReportOptions {
  /** At least one. */
  readonly links: readonly MeasuredLink[];
  /** Tokens of a timed request. */
  readonly request: { readonly prompt: number; readonly length: number };
  /** Where and how it was measured, line by line. */
  readonly circumstances: readonly (readonly [what: string, text: string])[];
}

/** Ratios to the first model. */
export interface LinkRatios {
  readonly speed: number;
  readonly cost: number;
  readonly score: number;
  readonly perplexity: number;
}

/** What each link of the chain costs and is worth, and how that compares with the first. */
export function chainReport(options: ChainReportOptions): Report {
  const { links, request, circumstances } = options;
  const ratios = links.map((link) => ratiosOf(link, links[0]!, request));
  return {
    title: "From a full model to a small one",
    blocks: [
      economyTable(options, ratios),
      {
        kind: "chart",
        name: "score-and-speed",
        x: "tokens a second",
        y: "task score",
        points: links.map(({ name, speed, evaluation }) => ({
          label: name,
          x: { mean: 1000 / speed.tokenMs },
          y: { mean: evaluation.score },
        })),
      },
      { kind: "heading", text: "Tasks" },
      taskTable(links),
      {
        kind: "text",
        text: "Shares of the test's tasks that are right; of words how far definitions agree. Functions: calls that are exactly right, valid ones, and those of the right functions; apart from these (noCall), answers without a call where no function fits.",
      },
      { kind: "heading", text: "Where the models come from" },
      {
        kind: "table",
        corner: "model",
        columns: [{ label: "run" }, { label: "SHA-256" }],
        rows: links.map(({ name, run, sha256 }) => ({ label: name, cells: [run, sha256] })),
      },
      { kind: "heading", text: "How it was measured" },
      { kind: "text", text: "", terms: circumstances },
    ],
    data: JSON.parse(
      JSON.stringify({
        request,
        circumstances: Object.fromEntries(circumstances),
        links: links.map((link, i) => ({
          ...link,
          cpuSecondsPerMillionTokens: costOfMillion(link.speed, request),
          ratios: ratios[i],
        })),
      }),
    ),
  };
}

function ratiosOf(
  link: MeasuredLink,
  first: MeasuredLink,
  request: ChainReportOptions["request"],
): LinkRatios {
  return {
    speed: first.speed.tokenMs / link.speed.tokenMs,
    cost: costOfMillion(link.speed, request) / costOfMillion(first.speed, request),
    score: link.evaluation.score / first.evaluation.score,
    perplexity: link.evaluation.perplexity / first.evaluation.perplexity,
  };
}

const number = (mean: number | undefined): ReportCell =>
  mean === undefined || !Number.isFinite(mean) ? undefined : { mean };

function economyTable({ links, request }: ChainReportOptions, ratios: LinkRatios[]): ReportBlock {
  const columns: ReportColumn[] = [
    { label: "parameters, M", digits: 2 },
    { label: "MB", digits: 2 },
    { label: "perplexity", digits: 2 },
    { label: "of prose", digits: 1 },
    { label: "task score" },
    { label: "tokens/s", digits: 0 },
    { label: "CPU ms a token", digits: 2 },
    { label: `ms to the first token after ${request.prompt}`, digits: 1 },
    { label: "CPU s for a million tokens", digits: 0 },
    { label: "x tokens/s", digits: 2 },
    { label: "x cost", digits: 2 },
    { label: "x score", digits: 3 },
  ];
  const rows = links.map((link, i): ReportRow => {
    const { evaluation, speed, parameters, bytes } = link;
    const { speed: faster, cost, score } = ratios[i]!;
    const numbers = [
      ...[parameters / 1e6, bytes / 1e6],
      ...[evaluation.perplexity, evaluation.prosePerplexity, evaluation.score],
      ...[1000 / speed.tokenMs, speed.tokenCpuMs, speed.firstTokenMs],
      ...[costOfMillion(speed, request), faster, cost, score],
    ];
    return { label: link.name, cells: numbers.map(number) };
  });
  return { kind: "table", corner: "model", columns, rows };
}

/** A column for each group of tasks, and for each share of functions' calls. */
function taskTable(links: readonly MeasuredLink[]): ReportBlock {
  const measured = links[0]!.evaluation;
  const groups = taskGroups.filter((group) => measured.groups[group] !== undefined);
  const shares = Object.keys(measured.calls);
  const seeing = links.some(({ named }) => named !== undefined) ? ["pictures named"] : [];
  return {
    kind: "table",
    corner: "model",
    columns: [...groups, ...shares, ...seeing].map((label) => ({ label })),
    rows: [
      ...links.map(({ name, named, evaluation: { groups: means, calls } }) => ({
        label: name,
        cells: [
          ...groups.map((group) => number(means[group])),
          ...shares.map((share) => number(calls[share])),
          ...seeing.map(() => number(named)),
        ],
      })),
      {
        label: "tasks",
        isBaseline: true,
        cells: [
          ...[...groups, ...shares].map((name) => String(measured.counts[name])),
          ...seeing.map(() => undefined),
        ],
      },
    ],
  };
}
