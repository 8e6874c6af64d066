import { duration } from "../measurementTable.ts";
import type { Row } from "../row.ts";
import { markdownTable } from "../table.ts";

/** A number about the engine or the Trainer, which nobody else has. */
export interface EngineFigure {
  name: string;
  /** One line for the reader of the table. */
  title: string;
  ms: number;
  /** What `ms` is of the whole step, where that is what counts. */
  share?: number;
  /** The most it may be: of `share` where there is one, else of `ms`. */
  target?: number;
}

/** What a process that measures them tells. */
export interface EngineReport {
  figures: EngineFigure[];
  /** Most memory of that process, in millions of bytes. */
  peakMb: number;
}

export function isEngineReport(value: unknown): value is EngineReport {
  return typeof value === "object" && value !== null && "figures" in value;
}

/** A row of `--json`, which nobody is compared in. */
export type EngineRow = Row & Pick<EngineFigure, "share" | "target">;

export function engineRows({ figures, peakMb }: EngineReport): EngineRow[] {
  return figures.map(({ name, ms, share, target }) => ({
    name,
    ms,
    ratioToPyTorch: null,
    ratioToTfjsNode: null,
    ratioToWasm: null,
    peakMb,
    ...(share === undefined ? {} : { share }),
    ...(target === undefined ? {} : { target }),
  }));
}

/** A Markdown table of what was measured and what was wanted. */
export function engineTable({ figures }: EngineReport): string {
  return markdownTable(
    ["what", "ms", "of the step", "target"],
    figures.map(({ title, ms, share, target }) => [
      title,
      ms < 1 ? ms.toFixed(3) : duration(ms),
      share === undefined ? "" : percent(share),
      target === undefined ? "" : `<= ${share === undefined ? `${target} ms` : percent(target)}`,
    ]),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
