import { formatDuration } from "../../base/formatDuration.ts";
import { textTable } from "../../base/textTable.ts";
import type { Cell, IndexedRun } from "../../store/indexedRun.ts";
import type { MediaSeries } from "../../store/media/runMedia.ts";
import { nonFiniteWord } from "../../tracking/jsonNumber.ts";
import { cellText, printable, shortNumber } from "./tableOptions.ts";

/**
 * A run, line by line.
 *
 * @param media what it has logged besides scalars
 */
export function describeRun(run: IndexedRun, media: readonly MediaSeries[]): string[] {
  const { config, metrics, summary, problems, sweep } = run;
  const facts: [string, string][] = [
    ["title", run.title ?? ""],
    ["folder", run.folder],
    ["status", run.status],
    ["started", cellText(run.startedAt)],
    ["took", formatDuration(run.durationSeconds)],
    ["step", String(run.step)],
    ["seed", cellText(run.seed)],
    ["sweep", sweep ? `${sweep.name}, trial ${sweep.trial}` : ""],
    ["tags", run.tags.join(", ")],
    ["source", run.source === "seedbed" ? "" : run.source],
  ];
  const metricRows = Object.entries(metrics).map(([name, each]) => [
    name,
    shortNumber(each.last),
    `${shortNumber(each.min)} at ${each.minStep}`,
    `${shortNumber(each.max)} at ${each.maxStep}`,
    String(each.count),
  ]);
  return [
    printable(`${run.name}/${run.id}`),
    ...textTable(
      facts.filter(([, text]) => text !== "").map(([name, text]) => [`  ${name}`, printable(text)]),
    ),
    ...problems.map((problem) => `  problem: ${printable(problem)}`),
    ...(run.notes === "" ? [] : ["Notes", ...printable(run.notes).split("\n").map(indent)]),
    ...section("Settings", entries(config)),
    ...section("Summary", entries(summary)),
    ...section(
      "Metrics",
      metricRows.length > 0 ? textTable([["", "last", "min", "max", "points"], ...metricRows]) : [],
    ),
    ...section("Media", textTable(media.map(mediaRow))),
  ];
}

function mediaRow({ kind, key, steps }: MediaSeries): string[] {
  const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
  const at = first === last ? `step ${first}` : `${steps.length} steps, ${first} to ${last}`;
  return [printable(key), kind, at];
}

const indent = (line: string): string => `  ${line}`;

const section = (name: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [name, ...lines.map(indent)] : [];

const entries = (record: Readonly<Record<string, Cell>>): string[] =>
  textTable(
    Object.entries(record).map(([name, cell]) => [printable(name), cellText(cell ?? "null")]),
  );

/** For `JSON.stringify`: NaN and infinities become texts. */
export function nonFiniteToWords(_key: string, value: unknown): unknown {
  return typeof value === "number" ? (nonFiniteWord(value) ?? value) : value;
}
