import type { JSX } from "preact";

import type { ColumnName } from "../../../store/indexedRun.ts";
import { Icon } from "../../../web/page/icon.tsx";
import type { ColumnInfo, ColumnsAnswer } from "../../api.ts";
import { Menu } from "../parts/menu.tsx";
import { ColumnList } from "./columnList.tsx";
import { columnLabel, runColumns, settingsButSeed } from "./columns.ts";
import { setTableState, type TableState } from "./tableState.ts";

interface ToolProps {
  readonly state: TableState;
  readonly columns: ColumnsAnswer;
}

/** Chooses columns among all that any run has. */
export function ColumnPicker({
  columns,
  shown,
}: {
  readonly columns: ColumnsAnswer;
  readonly shown: readonly ColumnName[];
}): JSX.Element {
  const all = [...ofRuns(), ...columns.config, ...columns.summary, ...columns.metrics];
  const toggle = (column: ColumnName, chosen: boolean): void => {
    const rest = shown.filter((name) => name !== column);
    setTableState({ columns: chosen ? [...rest, column] : rest }, { replace: true });
  };
  return (
    <Menu label="Columns" icon="columns">
      {() => (
        <>
          <ColumnList label="Shown columns" columns={all} chosen={shown} onToggle={toggle} />
          <hr />
          <button class="menu-item" onClick={() => setTableState({ columns: null })}>
            Choose for me
          </button>
          <button class="menu-item" onClick={() => setTableState({ columns: [] })}>
            Hide all
          </button>
        </>
      )}
    </Menu>
  );
}

/** Chooses what rows are gathered by; settings that differ between runs come first. */
export function GroupPicker({ state, columns }: ToolProps): JSX.Element {
  const { groupBy } = state;
  const toggle = (column: ColumnName, chosen: boolean): void => {
    const rest = groupBy.filter((name) => name !== column);
    setTableState({ groupBy: chosen ? [...rest, column] : rest, sort: [] });
  };
  const settings = columns.config.toSorted((a, b) => rank(a) - rank(b));
  const seeds = settingsButSeed(columns);
  const whole = ofRuns().filter(({ name }) => groupable.has(name));
  return (
    <Menu label={groupBy.length > 0 ? `Grouped by ${groupBy.length}` : "Group"} icon="group">
      {(close) => (
        <>
          <button
            class="menu-item"
            aria-pressed={groupBy.join() === seeds.join()}
            onClick={() => setTableState({ groupBy: seeds, sort: [] })}
          >
            All settings but the seed
          </button>
          <button
            class="menu-item"
            disabled={groupBy.length === 0}
            onClick={() => {
              setTableState({ groupBy: [], sort: [] });
              close();
            }}
          >
            No groups
          </button>
          <hr />
          <ColumnList
            label="Columns to group by"
            columns={[...settings, ...whole]}
            chosen={groupBy}
            onToggle={toggle}
          />
        </>
      )}
    </Menu>
  );
}

/** What the table is sorted by, in order; each can be turned or taken away. */
export function SortMenu({ state }: { readonly state: TableState }): JSX.Element | null {
  const { sort } = state;
  if (sort.length === 0) return null;
  return (
    <div class="row sort-keys" role="group" aria-label="Sorted by">
      {sort.map((key, i) => {
        const { label, detail } = columnLabel(key.column);
        const turned = sort.with(i, { ...key, descending: !key.descending });
        return (
          <span key={key.column} class="chip">
            <button
              class="quiet"
              aria-label={`Sorted by ${label} ${detail}, ${key.descending ? "falling" : "rising"}; turn`}
              onClick={() => setTableState({ sort: turned })}
            >
              {key.descending ? "↓" : "↑"} {label} {detail && <span class="muted">{detail}</span>}
            </button>
            <button
              class="quiet icon-button"
              aria-label={`Do not sort by ${label}`}
              onClick={() => setTableState({ sort: sort.toSpliced(i, 1) })}
            >
              <Icon name="close" />
            </button>
          </span>
        );
      })}
    </div>
  );
}

const groupable = new Set([
  "name",
  "status",
  "seed",
  "group",
  "sweep",
  "source",
  "tags",
  "starred",
]);

function rank({ distinct }: ColumnInfo): number {
  return distinct > 1 ? distinct : Infinity;
}

function ofRuns(): ColumnInfo[] {
  return Object.keys(runColumns).map((name) => ({ name, runs: 0, kind: "mixed", distinct: 0 }));
}
