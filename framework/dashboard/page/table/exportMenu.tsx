import type { JSX } from "preact";

import type { ColumnName } from "../../../store/indexedRun.ts";
import type { TableAnswer, TableCell, TableRow } from "../../api.ts";
import { ask } from "../ask/ask.ts";
import { formatCsv } from "../format/csv.ts";
import { Menu, MenuItem } from "../parts/menu.tsx";
import { attempt } from "../parts/message.tsx";
import { saveFile } from "../parts/saveFile.ts";
import { cellText } from "./cellText.ts";
import { tableQuery, type TableState } from "./tableState.ts";

interface ExportMenuProps {
  readonly state: TableState;
  readonly shown: readonly ColumnName[];
}

/** Saves or copies the table as it is filtered, sorted and grouped, with all of its rows. */
export function ExportMenu({ state, shown }: ExportMenuProps): JSX.Element {
  const run = (close: () => void, work: () => Promise<string>) => (): void => {
    close();
    void attempt(work);
  };
  return (
    <Menu label="Export" icon="download">
      {(close) => (
        <>
          <MenuItem onClick={run(close, () => saveCsv(state, shown))}>Save as CSV</MenuItem>
          <MenuItem onClick={run(close, () => saveJson(state, shown))}>Save as JSON</MenuItem>
          <MenuItem onClick={run(close, () => copyMarkdown(state, shown))}>
            Copy as Markdown
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

const askedRows = 1000;

async function allRows(state: TableState, columns: readonly ColumnName[]): Promise<TableRow[]> {
  const query = tableQuery(state, columns);
  const rows: TableRow[] = [];
  for (let total = 1; rows.length < total;) {
    const body = { ...query, offset: rows.length, limit: askedRows };
    const answer = await ask<TableAnswer>("/api/table", { body });
    if (answer.rows.length === 0) break;
    rows.push(...answer.rows);
    total = answer.total;
  }
  return rows;
}

function exported(state: TableState, shown: readonly ColumnName[]): ColumnName[] {
  return [...new Set([...(state.groupBy.length > 0 ? state.groupBy : ["name", "id"]), ...shown])];
}

/** A mean and a deviation become two columns. */
async function saveCsv(state: TableState, shown: readonly ColumnName[]): Promise<string> {
  const columns = exported(state, shown);
  const rows = await allRows(state, columns);
  const spread = columns.map((_, i) => rows.some(({ cells }) => isSpread(cells[i])));
  const head = columns.flatMap((name, i) => (spread[i] ? [name, `${name} deviation`] : [name]));
  const lines = rows.map(({ cells }) =>
    columns.flatMap((_, i) => {
      const cell = cells[i];
      if (isSpread(cell)) return [cell.mean, cell.deviation];
      return spread[i] ? [plain(cell), ""] : [plain(cell)];
    }),
  );
  saveFile("runs.csv", "text/csv", formatCsv([head, ...lines]));
  return `Saved ${rows.length} rows`;
}

async function saveJson(state: TableState, shown: readonly ColumnName[]): Promise<string> {
  const columns = exported(state, shown);
  const rows = await allRows(state, columns);
  const objects = rows.map(({ keys, cells }) => ({
    runs: keys,
    ...Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? null])),
  }));
  saveFile("runs.json", "application/json", JSON.stringify(objects, null, 2));
  return `Saved ${rows.length} rows`;
}

async function copyMarkdown(state: TableState, shown: readonly ColumnName[]): Promise<string> {
  const columns = exported(state, shown);
  const rows = await allRows(state, columns);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  const body = rows.map(({ cells }) =>
    line(columns.map((name, i) => cellText(name, cells[i], Date.now()).text)),
  );
  await navigator.clipboard.writeText(
    [line(columns), line(columns.map(() => "---")), ...body].join("\n"),
  );
  return `Copied ${rows.length} rows`;
}

function isSpread(cell: TableCell | undefined): cell is Extract<TableCell, { mean: unknown }> {
  return typeof cell === "object" && cell !== null && "mean" in cell;
}

function plain(cell: TableCell | undefined): string | number {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") return typeof cell === "boolean" ? String(cell) : cell;
  return "values" in cell ? cell.values.join(" ") : Number(cell.mean);
}
