import { useEffect, useState } from "preact/hooks";

import type { TableAnswer, TableQuery, TableRow } from "../../api.ts";
import { ask } from "../ask/ask.ts";
import { attempt } from "../parts/message.tsx";
import type { Rows } from "./useRows.ts";

/** A line of the table: a row, or a member of an opened group. */
export interface Line {
  /** Of the row among all rows. */
  readonly index: number;
  readonly row: TableRow | undefined;
  readonly member: boolean;
  readonly open: boolean;
}

export interface Members {
  readonly count: number;
  readonly at: (line: number) => Line;
  /** Opens or closes the group at a line. */
  readonly toggle: (line: number) => void;
}

type Opened = ReadonlyMap<number, readonly TableRow[]>;

/** Groups that the user opened stand in the table with their members after them. */
export function useMembers(query: Omit<TableQuery, "offset" | "limit">, rows: Rows): Members {
  const [opened, setOpened] = useState<Opened>(new Map());
  useEffect(() => setOpened(new Map()), [JSON.stringify(query)]);
  const at = (line: number): Line => lineAt(line, opened, rows);
  const toggle = (line: number): void => {
    const { index, row, member } = at(line);
    if (member || !row || row.count < 2) return;
    if (opened.has(index)) return setOpened(without(opened, index));
    void attempt(async () => {
      const found = await askMembers(query, row.keys);
      setOpened((old) => new Map(old).set(index, found));
    });
  };
  const extra = [...opened.values()].reduce((sum, found) => sum + found.length, 0);
  return { count: (rows.total ?? 0) + extra, at, toggle };
}

async function askMembers(
  query: Omit<TableQuery, "offset" | "limit">,
  keys: readonly string[],
): Promise<TableRow[]> {
  const body = { ...query, runs: keys, groupBy: [], sort: [], offset: 0, limit: 1000 };
  const { rows } = await ask<TableAnswer>("/api/table", { body });
  return rows;
}

function lineAt(line: number, opened: Opened, rows: Rows): Line {
  let before = 0;
  for (const index of [...opened.keys()].toSorted((a, b) => a - b)) {
    if (line <= index + before) break;
    const members = opened.get(index) ?? [];
    const place = line - index - before - 1;
    if (place < members.length) return { index, row: members[place], member: true, open: false };
    before += members.length;
  }
  const index = line - before;
  return { index, row: rows.row(index), member: false, open: opened.has(index) };
}

function without(opened: Opened, index: number): Opened {
  const rest = new Map(opened);
  rest.delete(index);
  return rest;
}
