import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { ColumnsAnswer } from "../../api.ts";
import { StartButton } from "../actions/startButton.tsx";
import type { AskError } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { Unanswered } from "../parts/unanswered.tsx";
import { ChosenBar } from "./chosenBar.tsx";
import { defaultColumns } from "./columns.ts";
import { ExportMenu } from "./exportMenu.tsx";
import { FilterBox } from "./filterBox.tsx";
import { RunTable } from "./runTable.tsx";
import { setTableState, tableState } from "./tableState.ts";
import { ColumnPicker, GroupPicker, SortMenu } from "./tableTools.tsx";

/** All runs of the folders, as a table. */
export function RunsView(): JSX.Element {
  const state = tableState();
  const { answer: columns, error } = useAnswer<ColumnsAnswer>("/api/columns", { follow: "all" });
  const [found, setFound] = useState({
    total: 0,
    runs: 0,
    error: undefined as AskError | undefined,
  });
  if (!columns) return <Unanswered error={error} rows={12} />;
  const shown = state.columns ?? defaultColumns(columns);
  return (
    <div class="runs-view">
      <h1 class="visually-hidden">Runs</h1>
      <div class="tools">
        <FilterBox
          value={state.filter}
          columns={columns}
          error={found.error?.position === undefined ? undefined : found.error}
          onChange={(filter) => setTableState({ filter }, { replace: true })}
        />
        <GroupPicker state={state} columns={columns} />
        <ColumnPicker columns={columns} shown={shown} />
        <ExportMenu state={state} shown={shown} />
        <StartButton />
        <label class="field">
          <input
            type="checkbox"
            checked={state.archived}
            onChange={(event) => setTableState({ archived: event.currentTarget.checked })}
          />
          Archived
        </label>
        <SortMenu state={state} />
        <span class="muted push" role="status">
          {state.groupBy.length > 0 ? `${found.total} groups of ${found.runs}` : found.total} runs
        </span>
      </div>
      {found.error && found.error.position === undefined && (
        <p class="warning" role="alert">
          {found.error.message}
        </p>
      )}
      <RunTable state={state} shown={shown} columns={columns} onAnswer={setFound} />
      <ChosenBar chosen={state.chosen} />
    </div>
  );
}
