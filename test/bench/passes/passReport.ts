import { passTitles, type PassName } from "../../../framework/backend/passes.ts";
import { findWorkload } from "../cases/index.ts";
import { duration } from "../measurementTable.ts";
import type { Row } from "../row.ts";
import { markdownTable } from "../table.ts";

/** What a step takes with all passes, and without each. */
export interface PassReport {
  workload: string;
  /** Median time with all of them. */
  ms: number;
  /** Median of the time without over the time with, turn by turn. */
  ratios: Partial<Record<PassName, number>>;
}

export function isPassReport(value: unknown): value is PassReport {
  return typeof value === "object" && value !== null && "ratios" in value;
}

/** A Markdown table: a row for each pass, a column for each workload. */
export function passTable(reports: readonly PassReport[], names: readonly PassName[]): string {
  const times = reports.map(({ ms }) => duration(ms));
  return markdownTable(
    ["left out", ...reports.map(({ workload }) => findWorkload(workload).title)],
    [
      ["nothing, ms", ...times],
      ...names.map((name) => [
        passTitles[name],
        ...reports.map(({ ratios }) => ratios[name]?.toFixed(2) ?? ""),
      ]),
    ],
  );
}

/** Rows of `--json`: the time with all passes, and without each. */
export function passRows(reports: readonly PassReport[]): Row[] {
  return reports.flatMap(({ workload, ms, ratios }) => {
    const parts = Object.entries(ratios).map(([name, ratio]) => ({
      name: `${workload} without ${name}`,
      ms: ms * ratio,
    }));
    return [{ name: `${workload} with all passes`, ms }, ...parts].map((row) => ({
      ...row,
      ratioToPyTorch: null,
      ratioToTfjsNode: null,
      ratioToWasm: null,
      peakMb: null,
    }));
  });
}
