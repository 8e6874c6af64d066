import { useEffect, useRef, useState } from "preact/hooks";

import type { TableAnswer, TableQuery, TableRow } from "../../api.ts";
import { ask, AskError } from "../ask/ask.ts";
import { lastChange } from "../ask/changes.ts";

export const windowRows = 100;

export interface Rows {
  readonly total: number | undefined;
  readonly runs: number;
  readonly error: AskError | undefined;
  /** The rows belong to an earlier question. */
  readonly stale: boolean;
  readonly row: (index: number) => TableRow | undefined;
}

interface Loaded {
  readonly question: string;
  /** Of the last answer. */
  readonly revision: number;
  readonly total: number;
  readonly runs: number;
  readonly windows: ReadonlyMap<number, readonly TableRow[]>;
}

/**
 * Rows of a table of any length, of which only windows around the visible ones are asked for, and
 * asked for again when runs change. Rows of the last question stay until the first of the next come.
 */
export function useRows(
  query: Omit<TableQuery, "offset" | "limit">,
  first: number,
  last: number,
): Rows {
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState<AskError>();
  const question = JSON.stringify(query);
  const latest = useRef(loaded);
  latest.current = loaded;
  const from = Math.floor(first / windowRows);
  const to = Math.floor(Math.max(first, last) / windowRows);
  useEffect(() => {
    const abort = new AbortController();
    const load = async (offset: number): Promise<void> => {
      try {
        const body = { ...query, offset: offset * windowRows, limit: windowRows };
        const answer = await ask<TableAnswer>("/api/table", { body, signal: abort.signal });
        setError(undefined);
        setLoaded((old) => merge(old, question, offset, answer));
      } catch (cause) {
        if (!abort.signal.aborted && cause instanceof AskError) setError(cause);
      }
    };
    const loadVisible = (again: boolean): void => {
      const known = latest.current?.question === question ? latest.current.windows : undefined;
      for (let i = from; i <= to; i++) if (again || !known?.has(i)) void load(i);
    };
    loadVisible(false);
    const start = lastChange.peek();
    const stop = lastChange.subscribe((change) => {
      if (change !== start && change.revision > (latest.current?.revision ?? -1)) loadVisible(true);
    });
    return () => {
      abort.abort();
      stop();
    };
  }, [question, from, to]);
  return {
    total: loaded?.total,
    runs: loaded?.runs ?? 0,
    error,
    stale: loaded !== undefined && loaded.question !== question,
    row: (index) => loaded?.windows.get(Math.floor(index / windowRows))?.[index % windowRows],
  };
}

function merge(
  old: Loaded | undefined,
  question: string,
  offset: number,
  { revision, total, runs, rows }: TableAnswer,
): Loaded {
  const windows = new Map(old?.question === question ? old.windows : []);
  windows.set(offset, rows);
  return { question, revision, total, runs, windows };
}
