import type { JSX } from "preact";

import { formatDuration } from "../../../base/formatDuration.ts";
import type { SweepAnalysisAnswer } from "../../api.ts";

/** What the runs have cost, and what stopping some early has saved. */
export function SweepCost({ cost }: { readonly cost: SweepAnalysisAnswer["cost"] }): JSX.Element {
  const rows = [...cost.byStatus, { status: "all", ...cost }];
  return (
    <>
      <header class="panel-head">
        <h2>Cost</h2>
      </header>
      <div class="panel-body">
        <table class="importance cost">
          <thead>
            <tr>
              {["status", "runs", "time", "steps"].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ status, runs, seconds, steps }) => (
              <tr key={status}>
                <th scope="row">{status}</th>
                <td>{runs}</td>
                <td>{formatDuration(seconds)}</td>
                <td>{steps.toLocaleString("en-US")}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {cost.saved && (
          <p>
            Stopping runs early has saved about {cost.saved.steps.toLocaleString("en-US")} steps and{" "}
            {formatDuration(cost.saved.seconds)}
          </p>
        )}
      </div>
    </>
  );
}
