import type { JSX } from "preact";

import type { SweepAnswer } from "../../api.ts";
import { formatNumber } from "../format/number.ts";
import { parameterName } from "./sweepsView.tsx";

interface ImportanceBarsProps {
  readonly importance: SweepAnswer["importance"];
  readonly metric: string | null;
}

/** How much each parameter decides of the metric. */
export function ImportanceBars({ importance, metric }: ImportanceBarsProps): JSX.Element {
  const largest = Math.max(...importance.map((part) => part.importance), 1e-9);
  return (
    <>
      <header class="panel-head">
        <h2>Importance</h2>
        {metric && <span class="muted">for {metric}</span>}
      </header>
      <div class="panel-body">
        {importance.length === 0 ? (
          <p class="muted">Too few trials have a value to tell what decides it</p>
        ) : (
          <table class="importance">
            <thead>
              <tr>
                <th scope="col">parameter</th>
                <th scope="col">importance</th>
                <th scope="col" title="Of ranks, from −1 to 1">
                  correlation
                </th>
              </tr>
            </thead>
            <tbody>
              {importance
                .toSorted((a, b) => b.importance - a.importance)
                .map((part) => (
                  <tr key={part.parameter}>
                    <th scope="row" title={part.parameter}>
                      {parameterName(part.parameter)}
                    </th>
                    <td>
                      <span class="bar" style={{ width: `${(part.importance / largest) * 60}%` }} />
                      {formatNumber(part.importance)}
                    </td>
                    <td class="numeric">
                      {part.correlation === null ? (
                        <span class="muted">none</span>
                      ) : (
                        formatNumber(part.correlation)
                      )}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        )}
      </div>
    </>
  );
}
