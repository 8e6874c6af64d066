import type { JSX } from "preact";

import type { ColumnsAnswer, SweepAnswer } from "../../api.ts";
import { address, setParameters } from "../address/address.ts";

/** The sweep's address at the server, with what the trials are judged by where the user chose that. */
export const sweepPath = (id: string): string =>
  `/api/sweeps/${encodeURIComponent(id)}${judgedSearch()}`;

/** Likewise, of what follows from its trials. */
export const analysisPath = (id: string): string =>
  `/api/sweeps/${encodeURIComponent(id)}/analysis${judgedSearch()}`;

function judgedSearch(): string {
  const { metric, goal = "minimize" } = address.value.parameters;
  return metric ? `?${new URLSearchParams({ metric, goal }).toString()}` : "";
}

interface MetricChoiceProps {
  readonly sweep: SweepAnswer;
  readonly columns: ColumnsAnswer | undefined;
}

/** Judges the trials by another metric or result than the sweep's own. */
export function MetricChoice({ sweep, columns }: MetricChoiceProps): JSX.Element {
  const goal = sweep.metric?.goal ?? "minimize";
  const names = [...(columns?.summary ?? []), ...(columns?.metrics ?? [])].map(({ name }) =>
    name.slice(name.indexOf(".") + 1),
  );
  const judge = (metric: string, next: string): void =>
    setParameters({ metric: metric || null, goal: metric ? next : null }, { replace: true });
  return (
    <div class="row" role="group" aria-label="What trials are judged by">
      <select
        aria-label="Goal"
        value={goal}
        onChange={(event) => judge(sweep.metric?.name ?? "", event.currentTarget.value)}
      >
        <option value="minimize">minimize</option>
        <option value="maximize">maximize</option>
      </select>
      <input
        list="sweep-metrics"
        aria-label="Metric"
        placeholder="choose a metric"
        value={sweep.metric?.name ?? ""}
        onChange={(event) => judge(event.currentTarget.value, goal)}
      />
      <datalist id="sweep-metrics">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}
