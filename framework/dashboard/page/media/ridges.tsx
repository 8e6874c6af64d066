import type { JSX } from "preact";

import { ticks } from "../charts/ticks.ts";
import { formatNumber } from "../format/number.ts";
import { densities, evenly, histogramScale, type StepHistogram } from "./histogramScale.ts";

interface RidgesProps {
  readonly name: string;
  readonly histograms: readonly StepHistogram[];
}

const [width, height] = [480, 280];
const [left, right, top, bottom] = [12, 56, 72, 28];
const shownRidges = 32;

/** Histograms behind each other, the newest in front. */
export function Ridges({ name, histograms }: RidgesProps): JSX.Element {
  const shown = evenly(histograms, shownRidges);
  const { min, max, density } = histogramScale(shown);
  const toX = (value: number): number =>
    left + ((value - min) / (max - min)) * (width - left - right);
  const gap = (height - top - bottom) / Math.max(1, shown.length - 1);
  const base = (i: number): number => top + i * gap;
  const labelled = new Set(evenly(shown, 6));
  return (
    <svg
      class="ridges"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Histograms of ${name} over ${shown.length} steps`}
    >
      {ticks([min, max], false, 6).map((tick) => (
        <g key={tick}>
          <path class="grid-line" d={`M${toX(tick)} ${top - 40}V${height - bottom}`} />
          <text x={toX(tick)} y={height - 8} text-anchor="middle">
            {formatNumber(tick)}
          </text>
        </g>
      ))}
      {shown.map((histogram, i) => {
        const path = ridgePath(histogram, toX, base(i), (top - 8) / density);
        return (
          <g key={histogram.step}>
            <path
              class="ridge"
              d={path}
              style={{ "--age": shown.length > 1 ? i / (shown.length - 1) : 1 }}
            >
              <title>{`step ${histogram.step}`}</title>
            </path>
            {labelled.has(histogram) && (
              <text x={width - right + 8} y={base(i) + 4}>
                {formatNumber(histogram.step)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function ridgePath(
  histogram: StepHistogram,
  toX: (value: number) => number,
  base: number,
  scale: number,
): string {
  const { edges } = histogram;
  const points = densities(histogram).map((value, i) => {
    const middle = ((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2;
    return `L${toX(middle).toFixed(1)} ${(base - value * scale).toFixed(1)}`;
  });
  const [first, last] = [toX(edges[0] ?? 0), toX(edges.at(-1) ?? 0)];
  return `M${first.toFixed(1)} ${base.toFixed(1)}${points.join("")}L${last.toFixed(1)} ${base.toFixed(1)}Z`;
}
