import { statSync } from "node:fs";

import { writeChunksAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { compileFilter } from "../../store/filter.ts";
import { allColumns, historyFrame, runsFrame } from "../../store/frame.ts";
import type { ColumnName } from "../../store/indexedRun.ts";
import { frameLines, writeParquet } from "../../store/writeFrame.ts";
import type { Terminal } from "../terminal.ts";
import type { OpenedRuns } from "./openRuns.ts";

export interface ExportRunsOptions {
  readonly format: "csv" | "json" | "parquet";
  readonly filter: string;
  /** Empty: all. */
  readonly columns: readonly ColumnName[];
  /** A row for each value that was logged, instead of one for each run. */
  readonly hasHistory: boolean;
  /** Absent: to the terminal. */
  readonly output: string | undefined;
  readonly archived: boolean;
  readonly terminal: Terminal;
}

/**
 * @throws {InputError} when a Parquet file shall go to the terminal, anything to a folder's name, or the
 *   filter is wrong
 */
export async function exportRuns(
  { index, series, at }: OpenedRuns,
  { format, filter, columns, hasHistory, output, archived, terminal }: ExportRunsOptions,
): Promise<void> {
  if (output !== undefined && statSync(output, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`Cannot export runs to ${output}: expected a file's name, got a folder`);
  }
  const isMatch = compileFilter(filter, { runs: index.runs(), at });
  const runs = index.runs().filter((run) => (archived || !run.archived) && isMatch(run));
  const names = columns.length > 0 ? columns : allColumns(runs);
  const frame = hasHistory ? historyFrame(runs, series) : runsFrame(runs, names, at);
  if (format === "parquet") {
    if (output === undefined)
      throw new InputError("Cannot export runs: a Parquet file needs a name; give --output FILE");
    await writeParquet(output, frame);
  } else if (output === undefined) {
    for (const line of frameLines(frame, format)) terminal.print(line);
  } else writeChunksAtomic(output, chunks(frameLines(frame, format)));
  if (output !== undefined)
    terminal.print(`Wrote ${runs.length} ${runs.length === 1 ? "run" : "runs"} to ${output}`);
}

const chunkLength = 2 ** 20;

function* chunks(lines: Iterable<string>): Generator<Buffer> {
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < chunkLength) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}
