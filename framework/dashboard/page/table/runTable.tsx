import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { ColumnName } from "../../../store/indexedRun.ts";
import type { ColumnsAnswer, TableRow } from "../../api.ts";
import type { AskError } from "../ask/ask.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { useVirtual } from "../parts/useVirtual.ts";
import { columnWidth, isNumeric } from "./columns.ts";
import { HeadCell } from "./headCell.tsx";
import { hiddenColumns } from "./rowRun.ts";
import { RunRow, type PlacedColumn } from "./runRow.tsx";
import { setTableState, tableQuery, type TableState } from "./tableState.ts";
import { useMembers } from "./useMembers.ts";
import { useRowKeys } from "./useRowKeys.ts";
import { useRows } from "./useRows.ts";

interface RunTableProps {
  readonly state: TableState;
  readonly shown: readonly ColumnName[];
  readonly columns: ColumnsAnswer;
  readonly onAnswer: (answer: { total: number; runs: number; error: AskError | undefined }) => void;
}

const rowHeight = 32;
const nameWidth = 336;
const narrowNameWidth = 184;
const narrowPage = 720;

/**
 * The run table as a grid of which only the visible rows and columns exist. Rows are asked for in
 * windows; a group opens to its members.
 */
export function RunTable({ state, shown, columns: known, onAnswer }: RunTableProps): JSX.Element {
  const scrolled = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const firstWidth = innerWidth < narrowPage ? narrowNameWidth : nameWidth;
  const { pinned, loose } = place(state, shown, known, firstWidth);
  const stuckWidth = firstWidth + sum(pinned);
  const columns = useVirtual(scrolled, {
    count: loose.length,
    size: (i) => loose[i]?.width ?? 0,
    horizontal: true,
    overscan: 2,
    stuckStart: stuckWidth,
  });
  const query = tableQuery(state, [...hiddenColumns, ...state.groupBy, ...shown]);
  const [range, setRange] = useState([0, 50]);
  const rows = useRows(query, range[0] ?? 0, range[1] ?? 0);
  const members = useMembers(query, rows);
  const count = members.count;
  const lines = useVirtual(scrolled, { count, size: () => rowHeight, overscan: 12 });
  const first = members.at(lines.items[0]?.index ?? 0).index;
  const last = members.at(lines.items.at(-1)?.index ?? 50).index;
  useEffect(() => setRange([first, last]), [first, last]);
  useEffect(
    () => onAnswer({ total: rows.total ?? 0, runs: rows.runs, error: rows.error }),
    [rows.total, rows.runs, rows.error],
  );
  const rowAt = (index: number): TableRow | undefined => members.at(index).row;
  const goTo = (index: number): void => {
    const next = Math.max(0, Math.min(count - 1, index));
    setCurrent(next);
    lines.scrollTo(next);
    // What is drawn takes the focus before the next key; what is scrolled to, once it is drawn.
    if (focusRow(scrolled.current, next)) return;
    requestAnimationFrame(() => focusRow(scrolled.current, next));
  };
  useRowKeys(state, current, goTo, rowAt, (index) => members.toggle(index));
  const width = stuckWidth + columns.totalSize;
  const visible = columns.items.flatMap(({ index }) => loose[index] ?? []);
  const offset = columns.items[0]?.start ?? 0;
  if (rows.total === undefined) {
    if (!rows.error) return <Loading rows={12} />;
    if (rows.error.position !== undefined) return <Notice title="The filter cannot be read yet" />;
    return <Notice kind="error" title={rows.error.message} />;
  }
  return (
    <div
      ref={scrolled}
      class={`run-table ${rows.stale ? "stale" : ""}`}
      role="grid"
      aria-label="Runs"
      aria-rowcount={count + 1}
      aria-colcount={shown.length + 1}
      aria-multiselectable="true"
      tabIndex={-1}
    >
      <div role="row" class="run-head" aria-rowindex={1} style={{ width: `${width}px` }}>
        <NameHead rows={rows.total} rowAt={rowAt} state={state} width={firstWidth} />
        {pinned.map((column) => (
          <HeadCell key={column.name} {...headProps(column, shown)} />
        ))}
        <div class="column-gap" role="presentation" style={{ width: `${offset}px` }} />
        {visible.map((column) => (
          <HeadCell key={column.name} {...headProps(column, shown)} />
        ))}
      </div>
      <div
        role="rowgroup"
        class="run-rows"
        style={{ height: `${lines.totalSize}px`, width: `${width}px` }}
      >
        {lines.items.map(({ index, start }) => {
          const { row, member, open } = members.at(index);
          return (
            <RunRow
              key={index}
              index={index}
              top={start}
              row={row}
              member={member}
              open={open}
              columns={[...pinned, ...visible]}
              gapBefore={pinned.length}
              gap={offset}
              nameWidth={firstWidth}
              state={state}
              current={index === current}
              onCurrent={() => setCurrent(index)}
              onToggle={() => members.toggle(index)}
            />
          );
        })}
      </div>
      {count === 0 && <NoRuns state={state} />}
    </div>
  );
}

function NoRuns({ state }: { readonly state: TableState }): JSX.Element {
  if (!state.filter) {
    return (
      <Notice title="No runs yet">
        <p>
          They appear here when they start: <code>seedbed run configs/autoencoder.yaml</code>
        </p>
      </Notice>
    );
  }
  return (
    <Notice title="No run passes this filter">
      <button onClick={() => setTableState({ filter: "" })}>Show all</button>
    </Notice>
  );
}

const chooseAllLimit = 1000;

/** The head of the first column, with a tick for all runs that are loaded. */
function NameHead(props: {
  readonly rows: number;
  readonly rowAt: (index: number) => TableRow | undefined;
  readonly state: TableState;
  readonly width: number;
}): JSX.Element {
  const { rows, rowAt, state, width } = props;
  const keys = (): string[] =>
    Array.from({ length: Math.min(rows, chooseAllLimit) }, (_, i) => rowAt(i)?.keys ?? []).flat();
  return (
    <div
      role="columnheader"
      aria-colindex={1}
      class="head-cell name-head stuck"
      style={{ width: `${width}px`, left: "0" }}
    >
      <input
        type="checkbox"
        aria-label="Choose all loaded runs"
        checked={state.chosen.length > 0}
        onChange={() =>
          setTableState({ chosen: state.chosen.length > 0 ? [] : keys() }, { replace: true })
        }
      />
      <span class="head-label">{state.groupBy.length > 0 ? "Group" : "Run"}</span>
    </div>
  );
}

/** Pinned columns with where they stick, and the others. */
function place(
  state: TableState,
  shown: readonly ColumnName[],
  known: ColumnsAnswer,
  firstWidth: number,
) {
  const before = hiddenColumns.length + state.groupBy.length;
  const all = shown.map((name, i): PlacedColumn => ({
    name,
    cell: before + i,
    width: columnWidth(name, state.groupBy.length > 0),
    numeric: isNumeric(name, known),
    stuck: null,
  }));
  let left = firstWidth;
  const pinned = all
    .filter(({ name }) => state.pinned.includes(name))
    .map((column) => {
      const stuck = left;
      left += column.width;
      return { ...column, stuck };
    });
  return { pinned, loose: all.filter(({ name }) => !state.pinned.includes(name)) };
}

function headProps({ name, width, stuck, numeric }: PlacedColumn, shown: readonly ColumnName[]) {
  return { column: name, shown, width, stuck, numeric, index: shown.indexOf(name) + 2 };
}

function sum(columns: readonly PlacedColumn[]): number {
  return columns.reduce((total, { width }) => total + width, 0);
}

/** Whether the row was there to take the focus. */
function focusRow(table: HTMLElement | null, index: number): boolean {
  const row = table?.querySelector<HTMLElement>(`[data-row="${index}"]`);
  if (!row) return false;
  row.focus({ preventScroll: true });
  return true;
}
