import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

import type { ColumnName } from "../../../store/indexedRun.ts";
import type { ColumnInfo } from "../../api.ts";
import { useVirtual } from "../parts/useVirtual.ts";

interface ColumnListProps {
  readonly label: string;
  readonly columns: readonly ColumnInfo[];
  readonly chosen: readonly ColumnName[];
  readonly onToggle: (column: ColumnName, chosen: boolean) => void;
}

const rowHeight = 28;
const listHeight = 320;

/** Columns to tick, found by typing; thousands of them scroll. Chosen ones come first. */
export function ColumnList({ label, columns, chosen, onToggle }: ColumnListProps): JSX.Element {
  const [search, setSearch] = useState("");
  const [first] = useState(chosen);
  const found = order(columns, first).filter(({ name }) => matches(name, search));
  const scrolled = useRef<HTMLDivElement>(null);
  const { items, totalSize } = useVirtual(scrolled, {
    count: found.length,
    size: () => rowHeight,
  });
  return (
    <div class="column-list">
      <input
        type="search"
        aria-label={`Search ${label}`}
        placeholder={`Search ${columns.length} columns`}
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <div
        ref={scrolled}
        class="column-list-scroll"
        role="group"
        aria-label={label}
        style={{ height: `${Math.min(listHeight, Math.max(1, found.length) * rowHeight)}px` }}
      >
        <div style={{ height: `${totalSize}px`, position: "relative" }}>
          {items.map(({ index, start }) => {
            const column = found[index];
            if (!column) return null;
            return (
              <label key={column.name} class="column-choice" style={{ top: `${start}px` }}>
                <input
                  type="checkbox"
                  checked={chosen.includes(column.name)}
                  onChange={(event) => onToggle(column.name, event.currentTarget.checked)}
                />
                <span class="column-choice-name" title={column.name}>
                  {column.name}
                </span>
                <span class="muted">{column.runs > 0 ? column.runs : ""}</span>
              </label>
            );
          })}
        </div>
        {found.length === 0 && <p class="muted">No column has “{search}” in its name</p>}
      </div>
    </div>
  );
}

/** All words must occur. */
function matches(name: string, search: string): boolean {
  const lower = name.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

function order(columns: readonly ColumnInfo[], first: readonly ColumnName[]): ColumnInfo[] {
  const before = new Set(first);
  return [
    ...columns.filter(({ name }) => before.has(name)),
    ...columns.filter(({ name }) => !before.has(name)),
  ];
}
