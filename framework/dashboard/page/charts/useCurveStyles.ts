import { useMemo } from "preact/hooks";

import { isDark } from "../../../web/page/theme.ts";
import type { TableAnswer, TableQuery } from "../../api.ts";
import type { AskError } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { dashesOf, runColour } from "../colours/runColour.ts";
import { hiddenColumns, rowRun } from "../table/rowRun.ts";
import { tableQuery, type TableState } from "../table/tableState.ts";
import type { CurveStyle } from "./shownCurve.ts";

const shownUnchosen = 10;
const shownChosen = 200;

/** The runs or groups that charts show: the chosen ones, or else the first of the table. */
export function useCurveStyles(state: TableState): {
  curves: CurveStyle[];
  loading: boolean;
  error: AskError | undefined;
} {
  const { groupBy, chosen } = state;
  const query = tableQuery(state, [...hiddenColumns, ...groupBy]);
  const body: TableQuery =
    chosen.length > 0
      ? { ...query, filter: "", archived: true, runs: [...chosen], offset: 0, limit: shownChosen }
      : { ...query, offset: 0, limit: shownUnchosen };
  const { answer, error } = useAnswer<TableAnswer>("/api/table", { body, follow: "all" });
  const dark = isDark();
  const look = answer && JSON.stringify(answer.rows);
  const curves = useMemo(() => styles(answer, groupBy, dark), [look, dark]);
  return { curves, loading: !answer && !error, error };
}

function styles(
  answer: TableAnswer | undefined,
  groupBy: readonly string[],
  dark: boolean,
): CurveStyle[] {
  const runs = (answer?.rows ?? []).map((row) => rowRun(row, groupBy));
  const dashes = dashesOf(runs.map(({ group }) => group));
  return runs.map((run, i) => ({
    id: run.keys.length === 1 ? (run.keys[0] ?? "") : run.group,
    title: groupBy.length > 0 ? run.group : run.title,
    keys: run.keys,
    colour: runColour(run, dark),
    dash: dashes[i] ?? [],
  }));
}
