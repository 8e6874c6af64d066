import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { SweepAnalysisAnswer } from "../../api.ts";
import { linkTo, navigate } from "../address/address.ts";
import { formatNumber } from "../format/number.ts";
import { makeAxis } from "./axis.ts";
import { height, MarksUp, toX, toY, width } from "./plane.tsx";

type Front = NonNullable<SweepAnalysisAnswer["front"]>;

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
          <MarksUp axis={vertical} />
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
