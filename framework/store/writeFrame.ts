import { replaceAtomic } from "../base/atomicFile.ts";
import { nonFiniteWord } from "../tracking/jsonNumber.ts";
import type { Frame, FrameColumn } from "./frame.ts";
import type { Cell } from "./indexedRun.ts";

/** A frame as lines of text, without line ends. */
export function frameLines(frame: Frame, format: "csv" | "json"): Iterable<string> {
  return format === "csv" ? csvLines(frame) : jsonLines(frame);
}

/** Lines of a CSV file after RFC 4180; NaN and infinities are their words. */
function* csvLines({ columns, rows }: Frame): Generator<string> {
  yield columns.map(({ name }) => csvCell(name)).join(",");
  for (const row of rows) yield row.map(csvCell).join(",");
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines of a JSON list of objects; NaN and infinities are texts. */
function* jsonLines({ columns, rows }: Frame): Generator<string> {
  let previous: string | undefined;
  yield "[";
  for (const row of rows) {
    if (previous !== undefined) yield `${previous},`;
    const entries = columns.map(({ name }, i) => [name, jsonCell(row[i]!)]);
    previous = `  ${JSON.stringify(Object.fromEntries(entries))}`;
  }
  if (previous !== undefined) yield previous;
  yield "]";
}

/** What JSON can hold of a cell. */
function jsonCell(cell: Cell): Cell {
  return typeof cell === "number" ? (nonFiniteWord(cell) ?? cell) : cell;
}

const parquetTypes = { number: "DOUBLE", text: "STRING", boolean: "BOOLEAN" } as const;

/** Writes a Parquet file; text, float64 and boolean columns, all of which may be null. */
export async function writeParquet(file: string, frame: Frame): Promise<void> {
  const { parquetWriteFile } = await import("hyparquet-writer");
  const data: Cell[][] = frame.columns.map(() => []);
  for (const row of frame.rows) for (const [i, cell] of row.entries()) data[i]!.push(cell);
  const column = ({ name, kind }: FrameColumn, i: number): ParquetColumn => ({
    name,
    type: parquetTypes[kind],
    nullable: true,
    data: data[i]!,
  });
  const columnData = frame.columns.map(column);
  replaceAtomic(file, (filename) => parquetWriteFile({ filename, columnData }));
}

interface ParquetColumn {
  name: string;
  type: (typeof parquetTypes)[keyof typeof parquetTypes];
  nullable: true;
  data: Cell[];
}
