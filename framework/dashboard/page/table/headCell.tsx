import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { ColumnName } from "../../../store/indexedRun.ts";
import type { SortKey } from "../../api.ts";
import { Menu, MenuItem } from "../parts/menu.tsx";
import {
  columnLabel,
  formatMetricColumn,
  parseMetricColumn,
  type MetricColumn,
  type MetricPart,
} from "./columns.ts";
import { setTableState, tableState } from "./tableState.ts";

interface HeadCellProps {
  readonly column: ColumnName;
  readonly shown: readonly ColumnName[];
  readonly width: number;
  /** Pixels from the left at which it sticks; null: it scrolls. */
  readonly stuck: number | null;
  readonly numeric: boolean;
  readonly index: number;
}

/** A column's head: a click sorts, with shift as a further key; the menu has the rest. */
export function HeadCell({
  column,
  shown,
  width,
  stuck,
  numeric,
  index,
}: HeadCellProps): JSX.Element {
  const { sort } = tableState();
  const { label, detail } = columnLabel(column);
  const place = sort.findIndex((key) => key.column === column);
  const key = sort[place];
  const direction = key ? (key.descending ? "descending" : "ascending") : "none";
  return (
    <div
      role="columnheader"
      aria-sort={direction}
      aria-colindex={index}
      class={`head-cell ${stuck === null ? "" : "stuck"} ${numeric ? "numeric" : ""}`}
      style={{ width: `${width}px`, left: stuck === null ? undefined : `${stuck}px` }}
    >
      <button
        class="quiet head-sort"
        title={`${column}\nClick sorts, shift-click adds`}
        onClick={(event) => setTableState({ sort: nextSort(sort, column, event.shiftKey) })}
      >
        <span class="head-label">{label}</span>
        {detail && <span class="head-detail">{detail}</span>}
      </button>
      {key && (
        <span class="head-mark" aria-hidden="true">
          {key.descending ? "↓" : "↑"}
          {sort.length > 1 && <sub>{place + 1}</sub>}
        </span>
      )}
      <Menu label={`Column ${label}`} icon="down" compact>
        {(close) => <ColumnMenu column={column} shown={shown} close={close} />}
      </Menu>
    </div>
  );
}

/** Rising, falling, unsorted; alone, or as a further key. */
export function nextSort(
  sort: readonly SortKey[],
  column: ColumnName,
  further: boolean,
): SortKey[] {
  const now = sort.find((key) => key.column === column);
  const rest = further ? sort.filter((key) => key.column !== column) : [];
  if (!now) return [...rest, { column, descending: false }];
  if (now.descending) return rest;
  const turned = { column, descending: true };
  return further ? sort.map((key) => (key.column === column ? turned : key)) : [turned];
}

function ColumnMenu({
  column,
  shown,
  close,
}: {
  readonly column: ColumnName;
  readonly shown: readonly ColumnName[];
  readonly close: () => void;
}): JSX.Element {
  const { sort, pinned, groupBy } = tableState();
  const change = (changes: Parameters<typeof setTableState>[0]) => (): void => {
    setTableState(changes);
    close();
  };
  const isPinned = pinned.includes(column);
  const moved = (by: number): ColumnName[] => move(shown, column, by);
  const metric = parseMetricColumn(column);
  return (
    <>
      <p class="menu-title">{column}</p>
      {metric && <PartMenu metric={metric} column={column} shown={shown} close={close} />}
      <MenuItem onClick={change({ sort: [{ column, descending: false }] })}>Sort rising</MenuItem>
      <MenuItem onClick={change({ sort: [{ column, descending: true }] })}>Sort falling</MenuItem>
      <MenuItem onClick={change({ sort: nextSort(sort, column, true) })}>
        Sort by this as well
      </MenuItem>
      <MenuItem
        onClick={change({
          pinned: isPinned ? pinned.filter((name) => name !== column) : [...pinned, column],
        })}
      >
        {isPinned ? "Unpin" : "Pin to the left"}
      </MenuItem>
      <MenuItem onClick={change({ columns: moved(-1) })}>Move left</MenuItem>
      <MenuItem onClick={change({ columns: moved(1) })}>Move right</MenuItem>
      {!metric && (
        <MenuItem onClick={change({ groupBy: [...groupBy, column], sort: [] })}>
          Group by this
        </MenuItem>
      )}
      <MenuItem
        onClick={change({
          columns: shown.filter((name) => name !== column),
          pinned: pinned.filter((name) => name !== column),
        })}
      >
        Hide
      </MenuItem>
    </>
  );
}

const parts: readonly (readonly [MetricPart, string])[] = [
  ["last", "Last value"],
  ["min", "Minimum"],
  ["max", "Maximum"],
  ["minStep", "Step of the minimum"],
  ["maxStep", "Step of the maximum"],
];

/** What of the metric is shown: last, minimum, maximum or the value at a step. */
function PartMenu({
  metric,
  column,
  shown,
  close,
}: {
  readonly metric: MetricColumn;
  readonly column: ColumnName;
  readonly shown: readonly ColumnName[];
  readonly close: () => void;
}): JSX.Element {
  const [step, setStep] = useState(String(metric.step ?? ""));
  const show = (part: MetricPart, at: number | null = null): void => {
    const next = formatMetricColumn({ metric: metric.metric, part, step: at });
    const { sort, pinned } = tableState();
    const renamed = (name: ColumnName): ColumnName => (name === column ? next : name);
    setTableState({
      columns: [...new Set(shown.map(renamed))],
      pinned: pinned.map(renamed),
      sort: sort.map((key) => ({ ...key, column: renamed(key.column) })),
    });
    close();
  };
  return (
    <>
      {parts.map(([part, words]) => (
        <MenuItem key={part} checked={metric.part === part} onClick={() => show(part)}>
          {words}
        </MenuItem>
      ))}
      <form
        class="row menu-form"
        onSubmit={(event) => {
          event.preventDefault();
          show("at", Number(step));
        }}
      >
        <label class="field">
          <span>At step</span>
          <input
            type="number"
            min="0"
            required
            value={step}
            onInput={(event) => setStep(event.currentTarget.value)}
          />
        </label>
        <button>Show</button>
      </form>
      <hr />
    </>
  );
}

function move(shown: readonly ColumnName[], column: ColumnName, by: number): ColumnName[] {
  const from = shown.indexOf(column);
  const to = Math.min(shown.length - 1, Math.max(0, from + by));
  return shown.toSpliced(from, 1).toSpliced(to, 0, column);
}
