import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import type { Cell } from "../../../store/indexedRun.ts";
import { formatNumber, fullNumber } from "../format/number.ts";

interface DataTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Shown in the place of a cell's value. */
  readonly cell?: (row: number, column: number) => ComponentChildren | undefined;
}

const shownAtOnce = 200;

/** A table that is here in full; a click on a head sorts. */
export function DataTable({ label, columns, rows, cell }: DataTableProps): JSX.Element {
  const [sort, setSort] = useState<{ column: number; descending: boolean } | null>(null);
  const [count, setCount] = useState(shownAtOnce);
  const order = sortedRows(rows, sort);
  const turn = (column: number): void => {
    const descending = sort?.column === column && !sort.descending;
    setSort({ column, descending });
  };
  return (
    <div class="data-table" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((name, i) => (
              <th
                key={i}
                scope="col"
                aria-sort={ariaSort(sort, i)}
                class={isNumeric(rows, i) ? "numeric" : ""}
              >
                <button class="quiet" onClick={() => turn(i)}>
                  {name}
                  {sort?.column === i && (
                    <span aria-hidden="true">{sort.descending ? " ↓" : " ↑"}</span>
                  )}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order.slice(0, count).map((row) => (
            <tr key={row}>
              {columns.map((_, i) => (
                <DataCell key={i} value={rows[row]?.[i] ?? null}>
                  {cell?.(row, i)}
                </DataCell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > count && (
        <button onClick={() => setCount(count + shownAtOnce)}>
          Show {Math.min(shownAtOnce, rows.length - count)} of {rows.length - count} more
        </button>
      )}
    </div>
  );
}

function DataCell(props: {
  readonly value: Cell;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { value, children } = props;
  const number = numberOf(value);
  if (children !== undefined && children !== null) {
    return <td class={number === null ? "" : "numeric"}>{children}</td>;
  }
  if (number !== null) {
    return (
      <td
        class={Number.isFinite(number) ? "numeric" : "numeric strange"}
        title={fullNumber(number)}
      >
        {formatNumber(number)}
      </td>
    );
  }
  return <td>{value === null ? <span class="muted">none</span> : String(value)}</td>;
}

function numberOf(value: Cell): number | null {
  if (typeof value === "number") return value;
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : null;
}

function isNumeric(rows: DataTableProps["rows"], column: number): boolean {
  const first = rows.find((row) => row[column] !== null && row[column] !== undefined);
  return numberOf(first?.[column] ?? null) !== null;
}

/** Indices of the rows in order; empty cells come last. */
export function sortedRows(
  rows: DataTableProps["rows"],
  sort: { column: number; descending: boolean } | null,
): number[] {
  const indices = rows.map((_, i) => i);
  if (!sort) return indices;
  const value = (row: number): Cell => rows[row]?.[sort.column] ?? null;
  return indices.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return (sort.descending ? -1 : 1) * compare(x, y);
  });
}

const { compare: compareTexts } = new Intl.Collator("en", { numeric: true });

function compare(x: NonNullable<Cell>, y: NonNullable<Cell>): number {
  return typeof x === "number" && typeof y === "number"
    ? x - y
    : compareTexts(String(x), String(y));
}

function ariaSort(sort: { column: number; descending: boolean } | null, column: number) {
  if (sort?.column !== column) return "none";
  return sort.descending ? "descending" : "ascending";
}
