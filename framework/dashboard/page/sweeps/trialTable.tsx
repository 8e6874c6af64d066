import type { JSX } from "preact";

import type { SweepAnswer } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { DataTable } from "../parts/dataTable.tsx";
import { Status } from "../parts/status.tsx";
import { parameterName } from "./sweepsView.tsx";
import type { Trial } from "./sweepTrials.ts";

interface TrialTableProps {
  readonly sweep: SweepAnswer;
  readonly trials: readonly Trial[];
  /** Trials in all, of which brushes may have left some. */
  readonly all: number;
}

/** The trials, the best first. */
export function TrialTable({ sweep, trials, all }: TrialTableProps): JSX.Element {
  const ordered = trials.toSorted((a, b) => (a.rank ?? 2) - (b.rank ?? 2));
  const keys = ordered.slice(0, 100).map(({ key }) => key);
  return (
    <>
      <header class="panel-head">
        <h2>Trials</h2>
        <span class="muted">{trials.length < all ? `${trials.length} of ${all}` : all}</span>
        {trials.length < all && (
          <a class="button push" href={linkTo(["charts"], { runs: keys.join(",") })}>
            Charts of these
          </a>
        )}
      </header>
      <div class="panel-body">
        <DataTable
          label="Trials"
          columns={[
            "run",
            "status",
            ...sweep.parameters.map(parameterName),
            sweep.metric?.name ?? "value",
          ]}
          rows={ordered.map(({ key, status, parameters, value }) => [
            ...[key, status, ...parameters],
            value === null || Number.isFinite(value) ? value : String(value),
          ])}
          cell={(row, column) => {
            const trial = ordered[row];
            if (!trial) return undefined;
            if (column === 0) return <a href={linkTo(["run", trial.key])}>{trial.key}</a>;
            return column === 1 ? <Status status={trial.status} /> : undefined;
          }}
        />
      </div>
    </>
  );
}
