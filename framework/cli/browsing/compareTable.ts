import { textTable } from "../../base/textTable.ts";
import { compareRuns } from "../../store/compareRuns.ts";
import type { Cell, IndexedRun } from "../../store/indexedRun.ts";
import { frameLines } from "../../store/writeFrame.ts";
import { cellText, printable } from "./tableOptions.ts";

export interface CompareOptions {
  /** Also what is the same in all runs. */
  readonly all: boolean;
  readonly format: "text" | "csv" | "json";
}

/** A line for each setting, part of the environment and result in which runs differ. */
export function compareTable(
  runs: readonly IndexedRun[],
  { all, format }: CompareOptions,
): Iterable<string> {
  const { sections } = compareRuns(runs);
  const rows = sections.flatMap((section) =>
    section.rows
      .filter(({ differs }) => all || differs)
      .map(({ name, values }): Cell[] => [section.name, name, ...values]),
  );
  const keys = runs.map(({ key }) => key);
  if (format === "text") return textLines(keys, rows);
  const columns = ["section", "name", ...keys].map((name) => ({ name, kind: "text" as const }));
  return frameLines({ columns, rows }, format);
}

function textLines(keys: readonly string[], rows: readonly Cell[][]): string[] {
  if (rows.length === 0) return ["They differ in nothing that was recorded"];
  const lines = rows.map(([section, name, ...values], i) => [
    section === rows[i - 1]?.[0] ? "" : String(section),
    printable(String(name)),
    ...values.map((value) => (value === null ? "–" : cellText(value))),
  ]);
  return textTable([["", "", ...keys], ...lines]);
}
