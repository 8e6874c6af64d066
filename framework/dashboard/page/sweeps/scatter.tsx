import type { JSX } from "preact";

import type { Cell, ColumnName } from "../../../store/indexedRun.ts";
import { isDark } from "../../../web/page/theme.ts";
import type { ColumnsAnswer, SweepAnswer, TableAnswer } from "../../api.ts";
import { address, linkTo, navigate, setParameters } from "../address/address.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { formatNumber } from "../format/number.ts";
import { cellValues } from "../table/cellText.ts";
import { runColumns } from "../table/columns.ts";
import { makeAxis, type Axis } from "./axis.ts";
import { height, MarksUp, toX, toY, width } from "./plane.tsx";
import { rankColour } from "./rankColour.ts";
import type { Trial } from "./sweepTrials.ts";

interface ScatterProps {
  readonly sweep: SweepAnswer;
  readonly trials: readonly Trial[];
  readonly columns: ColumnsAnswer | undefined;
}

const mostTrials = 1000;

/** Trials by any two columns, coloured by the sweep's metric. */
export function Scatter({ sweep, trials, columns }: ScatterProps): JSX.Element {
  const { parameters } = address.value;
  const metric = metricColumn(sweep, columns);
  const across = parameters["across"] ?? sweep.parameters[0] ?? "startedAt";
  const up = parameters["up"] ?? metric;
  const cells = useCells(trials, [across, up]);
  const horizontal = makeAxis(
    across,
    [...cells.values()].map(([value]) => value ?? null),
  );
  const vertical = makeAxis(
    up,
    [...cells.values()].map(([, value]) => value ?? null),
  );
  const names = [
    ...new Set([
      ...sweep.parameters,
      metric,
      ...(columns ? [...columns.metrics, ...columns.summary, ...columns.config] : []).map(
        ({ name }) => name,
      ),
      ...Object.keys(runColumns),
    ]),
  ];
  return (
    <>
      <header class="panel-head">
        <h2>Scatter</h2>
        <ColumnChoice label="across" value={across} names={names} />
        <ColumnChoice label="up" value={up} names={names} />
      </header>
      <svg
        class="scatter"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${trials.length} trials: ${up} over ${across}`}
      >
        <ScatterAxes horizontal={horizontal} vertical={vertical} />
        {trials.map((trial) => (
          <Point
            key={trial.key}
            trial={trial}
            cells={cells.get(trial.key)}
            axes={[horizontal, vertical]}
          />
        ))}
      </svg>
    </>
  );
}

/** What a sweep searches for is a metric, or a result that a run ends with. */
function metricColumn(sweep: SweepAnswer, columns: ColumnsAnswer | undefined): ColumnName {
  if (!sweep.metric) return "durationSeconds";
  const result = `summary.${sweep.metric.name}`;
  const isResult = columns?.summary.some(({ name }) => name === result);
  return isResult ? result : `metrics.${sweep.metric.name}`;
}

function useCells(
  trials: readonly Trial[],
  columns: readonly ColumnName[],
): ReadonlyMap<string, readonly Cell[]> {
  const runs = trials.slice(0, mostTrials).map(({ key }) => key);
  const query = { filter: "", runs, columns, sort: [], groupBy: [], archived: true };
  const { answer } = useAnswer<TableAnswer>(runs.length > 0 ? "/api/table" : null, {
    body: { ...query, offset: 0, limit: mostTrials },
    follow: runs,
  });
  return new Map(
    answer?.rows.map(({ keys, cells }) => [
      keys[0] ?? "",
      cells.map((cell) => cellValues(cell)[0] ?? null),
    ]),
  );
}

function ScatterAxes(props: { readonly horizontal: Axis; readonly vertical: Axis }): JSX.Element {
  const { horizontal, vertical } = props;
  return (
    <g class="axis">
      {horizontal.marks.map(({ at, text }) => (
        <g key={text}>
          <path class="grid-line" d={`M${toX(at)} ${toY(0)}V${toY(1)}`} />
          <text x={toX(at)} y={height - 10} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      <MarksUp axis={vertical} />
    </g>
  );
}

function Point(props: {
  readonly trial: Trial;
  readonly cells: readonly Cell[] | undefined;
  readonly axes: readonly [Axis, Axis];
}): JSX.Element | null {
  const { trial, cells, axes } = props;
  const x = axes[0].place(cells?.[0] ?? null);
  const y = axes[1].place(cells?.[1] ?? null);
  if (x === null || y === null) return null;
  const words = axes.map(({ name }, i) => {
    const cell = cells?.[i];
    return `${name}: ${typeof cell === "number" ? formatNumber(cell) : cell}`;
  });
  return (
    <circle
      class="scatter-point"
      cx={toX(x)}
      cy={toY(y)}
      r="5"
      fill={rankColour(trial.rank, isDark())}
      onClick={() => navigate(linkTo(["run", trial.key]).slice(1))}
    >
      <title>{[trial.key, ...words].join("\n")}</title>
    </circle>
  );
}

function ColumnChoice(props: {
  readonly label: "across" | "up";
  readonly value: string;
  readonly names: readonly string[];
}): JSX.Element {
  const { label, value, names } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <input
        list={`scatter-${label}`}
        value={value}
        onChange={(event) => {
          const name = event.currentTarget.value;
          if (names.includes(name)) setParameters({ [label]: name }, { replace: true });
          else event.currentTarget.value = value;
        }}
      />
      <datalist id={`scatter-${label}`}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}
