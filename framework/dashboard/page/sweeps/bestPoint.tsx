import type { JSX } from "preact";

import type { SweepAnalysisAnswer, SweepPoint } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { formatNumber } from "../format/number.ts";
import { parameterName } from "./sweepsView.tsx";

/** The best point, how sure its mean is, and whether the second can be told apart from it. */
export function BestPoint({ analysis }: { readonly analysis: SweepAnalysisAnswer }): JSX.Element {
  const { best, second, comparison, metric, parameters } = analysis;
  return (
    <>
      <header class="panel-head">
        <h2>Best configuration</h2>
        {metric && (
          <span class="muted">
            {metric.goal} {metric.name}
          </span>
        )}
      </header>
      <div class="panel-body">
        {best ? (
          <table class="importance">
            <thead>
              <tr>
                <th scope="col">parameter</th>
                <th scope="col">best</th>
                {second && <th scope="col">second</th>}
              </tr>
            </thead>
            <tbody>
              {parameters.map((name, i) => (
                <tr key={name}>
                  <th scope="row">{parameterName(name)}</th>
                  <td>{cellText(best.parameters[i])}</td>
                  {second && <td>{cellText(second.parameters[i])}</td>}
                </tr>
              ))}
              <tr>
                <th scope="row">{metric?.name}, mean</th>
                <td>
                  <a href={linkTo(["run", best.key])}>{formatNumber(best.mean)}</a>
                </td>
                {second && (
                  <td>
                    <a href={linkTo(["run", second.key])}>{formatNumber(second.mean)}</a>
                  </td>
                )}
              </tr>
              <tr>
                <th scope="row">95 % interval</th>
                <td>{intervalText(best)}</td>
                {second && <td>{intervalText(second)}</td>}
              </tr>
            </tbody>
          </table>
        ) : (
          <p class="muted">No finished run has a value yet</p>
        )}
        {second && <p>{comparisonText(comparison)}</p>}
      </div>
    </>
  );
}

function cellText(cell: SweepPoint["parameters"][number] | undefined): string {
  if (cell === null || cell === undefined) return "not in use";
  return typeof cell === "number" ? formatNumber(cell) : String(cell);
}

function intervalText({ low, high, count }: SweepPoint): string {
  if (low === null || high === null) return "one seed: unknown";
  return `${formatNumber(low)} to ${formatNumber(high)}, ${count} seeds`;
}

function comparisonText(comparison: SweepAnalysisAnswer["comparison"]): string {
  if (!comparison) return "The two have no seed in common, and cannot be compared in pairs";
  const { mean, low, high, count, isDistinct } = comparison;
  if (isDistinct === null || low === null || high === null) {
    return "The two have one seed in common: more are needed to tell them apart";
  }
  const range = `${formatNumber(mean)} (${formatNumber(low)} to ${formatNumber(high)})`;
  return isDistinct
    ? `In pairs over ${count} seeds they differ by ${range}: more than chance`
    : `In pairs over ${count} seeds they differ by ${range}: they cannot be told apart`;
}
