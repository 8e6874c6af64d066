import { textTable } from "../../base/textTable.ts";
import { compareRuns, type ComparedSection } from "../../store/compareRuns.ts";
import type { Cell, IndexedRun } from "../../store/indexedRun.ts";
import { frameLines } from "../../store/writeFrame.ts";
import { cellText, printable } from "./tableOptions.ts";

export interface CompareOptions {
  /** Also what is the same in all runs. */
  readonly all: boolean;
  readonly format: "text" | "csv" | "json";
  /** Those to show; all where it is absent. */
  readonly only?: readonly ComparedSection["name"][];
}

/** A line for each setting, part of the environment and result in which runs differ. */
export function compareTable(
  runs: readonly IndexedRun[],
  { all, format, only }: CompareOptions,
): Iterable<string> {
  const { sections } = compareRuns(runs);
  const shown = sections.filter(({ name }) => only?.includes(name) ?? true);
  const rows = rowsOf(shown, all);
  const keys = runs.map(({ key }) => key);
  if (format === "text") return textLines(keys, rows);
  const columns = ["section", "name", ...keys].map((name) => ({ name, kind: "text" as const }));
  return frameLines({ columns, rows }, format);
}

function rowsOf(sections: readonly ComparedSection[], all: boolean): Cell[][] {
  return sections.flatMap((section) =>
    section.rows
      .filter(({ differs }) => all || differs)
      .map(({ name, values }): Cell[] => [section.name, name, ...values]),
  );
}

/** What of a section differs, beside the names of what is compared; none where nothing does. */
export function differenceLines(keys: readonly string[], section: ComparedSection): string[] {
  const rows = rowsOf([section], false);
  return rows.length === 0 ? [] : textLines(keys, rows);
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
