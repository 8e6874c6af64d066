import type { JSX } from "preact";

interface PrCurveProps {
  readonly name: string;
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly thresholds: readonly number[];
}

const size = 240;
const edge = 32;

/** Precision over recall, both from 0 to 1. */
export function PrCurve({ name, precision, recall, thresholds }: PrCurveProps): JSX.Element {
  const x = (value: number): number => edge + value * size;
  const y = (value: number): number => 8 + (1 - value) * size;
  const points = recall.map((value, i) => `${x(value)},${y(precision[i] ?? 0)}`).join(" ");
  const whole = size + edge + 8;
  return (
    <svg
      class="pr-curve"
      viewBox={`0 0 ${whole} ${whole}`}
      role="img"
      aria-label={`Precision over recall of ${name}`}
    >
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <g key={tick}>
          <path class="grid-line" d={`M${x(tick)} ${y(0)}V${y(1)}M${x(0)} ${y(tick)}H${x(1)}`} />
          <text x={x(tick)} y={y(0) + 14} text-anchor="middle">
            {tick}
          </text>
          <text x={x(0) - 4} y={y(tick) + 4} text-anchor="end">
            {tick}
          </text>
        </g>
      ))}
      <text x={x(0.5)} y={whole - 4} text-anchor="middle">
        recall
      </text>
      <polyline class="pr-line" points={points} />
      {recall.map((value, i) => (
        <circle key={i} cx={x(value)} cy={y(precision[i] ?? 0)} r="4">
          <title>{`threshold ${thresholds[i]}\nprecision ${precision[i]}\nrecall ${value}`}</title>
        </circle>
      ))}
    </svg>
  );
}
