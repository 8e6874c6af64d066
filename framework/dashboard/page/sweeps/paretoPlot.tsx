import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { SweepAnalysisAnswer } from "../../api.ts";
import { linkTo, navigate } from "../address/address.ts";
import { formatNumber } from "../format/number.ts";
import { makeAxis } from "./axis.ts";

type Front = NonNullable<SweepAnalysisAnswer["front"]>;

const [width, height] = [560, 320];
const [left, right, top, bottom] = [64, 16, 12, 28];
const toX = (at: number): number => left + at * (width - left - right);
const toY = (at: number): number => height - bottom - at * (height - top - bottom);

/** Points over two of a sweep's metrics; those that none is better than in all stand out. */
export function ParetoPlot({ front }: { readonly front: Front }): JSX.Element {
  const [up, setUp] = useState(1);
  const { metrics, points } = front;
  const names = metrics.map(({ name, goal }) => `${name} (${goal})`);
  const axes = [0, up].map((metric) =>
    makeAxis(
      names[metric] ?? "",
      points.map(({ values }) => values[metric] ?? null),
    ),
  );
  const [horizontal, vertical] = axes;
  const best = points.filter(({ isOnFront }) => isOnFront).length;
  return (
    <>
      <header class="panel-head">
        <h2>Pareto front</h2>
        <span class="muted">
          {best} of {points.length} points; across: {names[0]}
        </span>
        <label class="field">
          <span>up</span>
          <select value={up} onChange={(event) => setUp(Number(event.currentTarget.value))}>
            {names.slice(1).map((name, i) => (
              <option key={name} value={i + 1}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </header>
      <svg
        class="scatter"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${best} of ${points.length} points are on the Pareto front: ${names[up]} over ${names[0]}`}
      >
        <g class="axis">
          {horizontal?.marks.map(({ at, text }) => (
            <text key={text} x={toX(at)} y={height - 10} text-anchor="middle">
              {text}
            </text>
          ))}
          {vertical?.marks.map(({ at, text }) => (
            <g key={text}>
              <path class="grid-line" d={`M${toX(0)} ${toY(at)}H${toX(1)}`} />
              <text x={left - 8} y={toY(at) + 4} text-anchor="end">
                {text}
              </text>
            </g>
          ))}
        </g>
        {points
          .toSorted((a, b) => Number(a.isOnFront) - Number(b.isOnFront))
          .map(({ key, values, isOnFront }) => (
            <circle
              key={key}
              class={isOnFront ? "front-point" : "behind-point"}
              cx={toX(horizontal?.place(values[0] ?? null) ?? 0)}
              cy={toY(vertical?.place(values[up] ?? null) ?? 0)}
              r={isOnFront ? 6 : 4}
              onClick={() => navigate(linkTo(["run", key]).slice(1))}
            >
              <title>
                {[key, ...values.map((value, i) => `${names[i]}: ${formatNumber(value)}`)].join(
                  "\n",
                )}
              </title>
            </circle>
          ))}
      </svg>
    </>
  );
}
