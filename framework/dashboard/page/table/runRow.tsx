import type { JSX } from "preact";

import type { ColumnName } from "../../../store/indexedRun.ts";
import { Icon } from "../../../web/page/icon.tsx";
import { isDark } from "../../../web/page/theme.ts";
import type { TableRow } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { runColour } from "../colours/runColour.ts";
import { Status } from "../parts/status.tsx";
import { changeNotes } from "../run/changeNotes.ts";
import { cellText } from "./cellText.ts";
import { rowRun, type RowRun } from "./rowRun.ts";
import { chooseRuns, pinRuns, type TableState } from "./tableState.ts";

export interface PlacedColumn {
  readonly name: ColumnName;
  /** Index among a row's cells. */
  readonly cell: number;
  readonly width: number;
  readonly numeric: boolean;
  /** Pixels from the left at which it sticks; null: it scrolls. */
  readonly stuck: number | null;
}

interface RunRowProps {
  readonly index: number;
  readonly top: number;
  readonly row: TableRow | undefined;
  readonly member: boolean;
  readonly open: boolean;
  readonly columns: readonly PlacedColumn[];
  /** Columns that are not there stand as a gap of so many pixels before this column. */
  readonly gapBefore: number;
  readonly gap: number;
  readonly nameWidth: number;
  readonly state: TableState;
  readonly current: boolean;
  readonly onCurrent: () => void;
  readonly onToggle: () => void;
}

/** A run or a group; empty while it is on its way. */
export function RunRow(props: RunRowProps): JSX.Element {
  const { index, top, row, columns, gapBefore, gap, state, current, onCurrent } = props;
  const run = row && rowRun(row, props.member ? [] : state.groupBy);
  const chosen = run !== undefined && run.keys.every((key) => state.chosen.includes(key));
  const classes = [
    "run-row",
    chosen && "chosen",
    current && "current",
    run?.archived && "archived",
  ];
  const nowMs = Date.now();
  const cells = columns.map((column) => (
    <RunCell key={column.name} column={column} row={row} run={run} nowMs={nowMs} />
  ));
  return (
    <div
      role="row"
      class={classes.filter(Boolean).join(" ")}
      aria-rowindex={index + 2}
      aria-selected={chosen}
      data-row={index}
      tabIndex={current ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      onFocusIn={onCurrent}
      onClick={onCurrent}
    >
      {row && run ? (
        <NameCell {...props} row={row} run={run} chosen={chosen} />
      ) : (
        <Awaited {...props} />
      )}
      {cells.slice(0, gapBefore)}
      <div class="column-gap" role="presentation" style={{ width: `${gap}px` }} />
      {cells.slice(gapBefore)}
    </div>
  );
}

function Awaited({ nameWidth }: RunRowProps): JSX.Element {
  return (
    <div
      role="gridcell"
      class="cell name-cell stuck"
      style={{ width: `${nameWidth}px`, left: "0" }}
    >
      <span class="muted">…</span>
    </div>
  );
}

interface NameCellProps extends RunRowProps {
  readonly row: TableRow;
  readonly run: RowRun;
  readonly chosen: boolean;
}

/** Tick, colour, name, star and pin. */
function NameCell({
  row,
  run,
  state,
  chosen,
  nameWidth,
  member,
  open,
  onToggle,
}: NameCellProps): JSX.Element {
  const [key = ""] = run.keys;
  const name = state.groupBy.length > 0 && !member ? run.group : run.title;
  return (
    <div
      role="gridcell"
      aria-colindex={1}
      class={`cell name-cell stuck ${member ? "member" : ""}`}
      style={{ width: `${nameWidth}px`, left: "0" }}
    >
      <input
        type="checkbox"
        aria-label={`Choose ${name}`}
        checked={chosen}
        onChange={(event) => chooseRuns(run.keys, event.currentTarget.checked)}
      />
      <Swatch run={run} name={name} />
      {row.count > 1 ? (
        <button class="quiet group-toggle" aria-expanded={open} title={name} onClick={onToggle}>
          <Icon name={open ? "down" : "right"} />
          <span class="clip">{name}</span>
          <span class="count">{row.count}</span>
        </button>
      ) : (
        <>
          <a class="clip" href={linkTo(["run", key])} title={name}>
            {name}
          </a>
          <RowMarks run={run} name={name} pinned={state.pinnedRuns.includes(key)} />
        </>
      )}
    </div>
  );
}

interface RowMarksProps {
  readonly run: RowRun;
  readonly name: string;
  readonly pinned: boolean;
}

/** Star and pin. */
function RowMarks({ run, name, pinned }: RowMarksProps): JSX.Element {
  return (
    <>
      <button
        class={`quiet icon-button star ${run.starred ? "starred" : ""}`}
        aria-label={`Star ${name}`}
        aria-pressed={run.starred}
        onClick={() => void changeNotes(run.keys, { starred: !run.starred })}
      >
        <Icon name="star" />
      </button>
      <button
        class="quiet icon-button pin"
        aria-label={`Pin ${name} to the top`}
        aria-pressed={pinned}
        onClick={() => pinRuns(run.keys, !pinned)}
      >
        <Icon name="pin" />
      </button>
    </>
  );
}

/** The run's colour; a click lets the user choose another. */
function Swatch({ run, name }: { readonly run: RowRun; readonly name: string }): JSX.Element {
  const colour = runColour(run, isDark());
  if (run.keys.length > 1) return <span class="swatch" style={{ background: colour }} />;
  return (
    <label class="swatch swatch-choice" style={{ background: colour }} title="Colour">
      <input
        type="color"
        class="visually-hidden"
        aria-label={`Colour of ${name}`}
        tabIndex={-1}
        onChange={(event) => void changeNotes(run.keys, { colour: event.currentTarget.value })}
      />
    </label>
  );
}

interface RunCellProps {
  readonly column: PlacedColumn;
  readonly row: TableRow | undefined;
  readonly run: RowRun | undefined;
  readonly nowMs: number;
}

function RunCell({ column, row, run, nowMs }: RunCellProps): JSX.Element {
  const { name, width, stuck } = column;
  const cell = row?.cells[column.cell];
  const { text, title, numeric, strange } = cellText(name, cell, nowMs);
  const classes = [
    "cell",
    (numeric || column.numeric) && "numeric",
    strange && "strange",
    stuck !== null && "stuck",
  ];
  return (
    <div
      role="gridcell"
      class={classes.filter(Boolean).join(" ")}
      title={title}
      style={{ width: `${width}px`, left: stuck === null ? undefined : `${stuck}px` }}
    >
      {name === "status" && typeof cell === "string" ? (
        <Status status={cell} />
      ) : name === "tags" && run && row?.count === 1 ? (
        run.tags.map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))
      ) : (
        text
      )}
    </div>
  );
}
