import type { JSX } from "preact";

import type { SweepAnalysisAnswer } from "../../api.ts";
import { formatNumber } from "../format/number.ts";
import { parameterName } from "./sweepsView.tsx";

/** How much each parameter decides of the metric, by each method with the question it answers. */
export function ImportanceBars({
  analysis,
}: {
  readonly analysis: SweepAnalysisAnswer;
}): JSX.Element {
  const { influence, methods, metric, runs, leastRuns } = analysis;
  return (
    <>
      <header class="panel-head">
        <h2>Importance</h2>
        {metric && <span class="muted">for {metric.name}</span>}
      </header>
      <div class="panel-body">
        {influence ? (
          <>
            <table class="importance">
              <thead>
                <tr>
                  <th scope="col">parameter</th>
                  {methods.map(({ key, name, question }) => (
                    <th key={key} scope="col" title={question}>
                      {name}
                    </th>
                  ))}
                  <th scope="col" title="Of ranks, from −1 to 1">
                    correlation
                  </th>
                </tr>
              </thead>
              <tbody>
                {influence.parameters
                  .toSorted((a, b) => b.importance.fanova - a.importance.fanova)
                  .map(({ name, importance, correlation }) => (
                    <tr key={name}>
                      <th scope="row" title={name}>
                        {parameterName(name)}
                      </th>
                      {methods.map(({ key }) => (
                        <td key={key}>
                          <span class="bar" style={{ width: `${importance[key] * 60}px` }} />
                          {importance[key].toFixed(2)}
                        </td>
                      ))}
                      <td class="numeric">
                        {correlation === null ? (
                          <span class="muted">none</span>
                        ) : (
                          formatNumber(correlation)
                        )}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
            <dl class="facts">
              {methods.map(({ key, name, question }) => (
                <div key={key}>
                  <dt>{name}</dt>
                  <dd>{question}</dd>
                </div>
              ))}
            </dl>
            <p class="muted">{trustText(influence)}</p>
          </>
        ) : (
          <p class="muted">
            Not enough runs to tell what decides it: {runs} of {leastRuns}
          </p>
        )}
      </div>
    </>
  );
}

function trustText({ foretold, together }: NonNullable<SweepAnalysisAnswer["influence"]>): string {
  const percent = (share: number): string => `${Math.round(100 * Math.max(0, share))} %`;
  const known =
    foretold === null
      ? ""
      : `The forest behind fANOVA and permutation foretells ${percent(foretold)} of the variance of points that it has not seen. `;
  return `${known}${percent(together)} of the variance that it sees comes of parameters together`;
}
