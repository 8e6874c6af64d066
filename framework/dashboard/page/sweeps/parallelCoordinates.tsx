import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { isDark } from "../../../web/page/theme.ts";
import type { SweepAnswer } from "../../api.ts";
import { linkTo, navigate } from "../address/address.ts";
import { formatNumber } from "../format/number.ts";
import { makeAxis, type Axis } from "./axis.ts";
import { AxisLine, type Brush } from "./axisLine.tsx";
import { rankColour } from "./rankColour.ts";
import { parameterName } from "./sweepsView.tsx";
import type { Trial } from "./sweepTrials.ts";

interface ParallelCoordinatesProps {
  readonly sweep: SweepAnswer;
  readonly trials: readonly Trial[];
  /** Keys of the trials that all brushes let through; null without brushes. */
  readonly kept: ReadonlySet<string> | null;
  readonly onKeep: (kept: ReadonlySet<string> | null) => void;
}

const height = 320;
const [top, bottom, side] = [44, 16, 104];
const smallestWidth = 112;

/** A line for each trial across all parameters to the metric. A drag along an axis keeps a part of it. */
export function ParallelCoordinates(props: ParallelCoordinatesProps): JSX.Element {
  const { sweep, trials, kept, onKeep } = props;
  const place = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(place), sweep.parameters.length * smallestWidth + 2 * side);
  const [brushes, setBrushes] = useState<ReadonlyMap<number, Brush>>(new Map());
  const [pointed, setPointed] = useState<string | null>(null);
  const axes = useMemo(() => makeAxes(sweep, trials), [trials]);
  const dark = isDark();
  const x = (i: number): number => side + (i * (width - 2 * side)) / Math.max(1, axes.length - 1);
  const y = (at: number): number => height - bottom - at * (height - top - bottom);
  const brush = (axis: number, range: Brush | null): void => {
    const next = new Map(brushes);
    if (range) next.set(axis, range);
    else next.delete(axis);
    setBrushes(next);
    onKeep(next.size > 0 ? keptBy(next, axes, trials) : null);
  };
  const ordered = trials.toSorted((a, b) => (b.rank ?? 2) - (a.rank ?? 2));
  const trial = trials.find(({ key }) => key === pointed);
  return (
    <>
      <header class="panel-head">
        <h2>Parallel coordinates</h2>
        <span class="muted">
          {trial ? trialWords(trial, sweep) : "Drag along an axis to keep a part of it"}
        </span>
        {brushes.size > 0 && (
          <button
            class="push"
            onClick={() => {
              setBrushes(new Map());
              onKeep(null);
            }}
          >
            Keep all
          </button>
        )}
      </header>
      <div class="parallel" ref={place} tabIndex={0}>
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={`${trials.length} trials over ${axes.length} axes`}
        >
          {ordered.map((line) => (
            <path
              key={line.key}
              class={lineClass(line, kept, pointed)}
              d={linePath(line, axes, x, y)}
              stroke={rankColour(line.rank, dark)}
              onPointerEnter={() => setPointed(line.key)}
              onPointerLeave={() => setPointed(null)}
              onClick={() => navigate(linkTo(["run", line.key]).slice(1))}
            />
          ))}
          {axes.map((axis, i) => (
            <AxisLine
              key={axis.name}
              axis={axis}
              x={x(i)}
              y={y}
              brush={brushes.get(i) ?? null}
              onBrush={(range) => brush(i, range)}
            />
          ))}
        </svg>
      </div>
    </>
  );
}

function makeAxes(sweep: SweepAnswer, trials: readonly Trial[]): Axis[] {
  const parameters = sweep.parameters.map((column, i) =>
    makeAxis(
      parameterName(column),
      trials.map((trial) => trial.parameters[i] ?? null),
    ),
  );
  const metric = sweep.metric?.name ?? "metric";
  return [
    ...parameters,
    makeAxis(
      metric,
      trials.map(({ value }) => value),
    ),
  ];
}

function cells({ parameters, value }: Trial) {
  return [...parameters, value];
}

function keptBy(
  brushes: ReadonlyMap<number, Brush>,
  axes: readonly Axis[],
  trials: readonly Trial[],
): Set<string> {
  const passes = (trial: Trial): boolean =>
    [...brushes].every(([i, [from, to]]) => {
      const at = axes[i]?.place(cells(trial)[i] ?? null) ?? null;
      return at !== null && at >= from && at <= to;
    });
  return new Set(trials.filter(passes).map(({ key }) => key));
}

function linePath(
  trial: Trial,
  axes: readonly Axis[],
  x: (axis: number) => number,
  y: (at: number) => number,
): string {
  let path = "";
  let drawing = false;
  for (const [i, axis] of axes.entries()) {
    const at = axis.place(cells(trial)[i] ?? null);
    if (at !== null) path += `${drawing ? "L" : "M"}${x(i).toFixed(1)} ${y(at).toFixed(1)}`;
    drawing = at !== null;
  }
  return path;
}

function lineClass(
  { key }: Trial,
  kept: ReadonlySet<string> | null,
  pointed: string | null,
): string {
  if (key === pointed) return "trial-line pointed";
  return kept !== null && !kept.has(key) ? "trial-line dropped" : "trial-line";
}

function trialWords({ parameters, value, status }: Trial, sweep: SweepAnswer): string {
  const settings = sweep.parameters.map((column, i) => {
    const cell = parameters[i];
    return `${parameterName(column)} ${typeof cell === "number" ? formatNumber(cell) : cell}`;
  });
  const result = value === null ? status : `${sweep.metric?.name} ${formatNumber(value)}`;
  return [...settings, result].join(", ");
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(900);
  useEffect(() => {
    if (!place.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return width;
}
