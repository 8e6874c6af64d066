import type { JSX } from "preact";

import type { SweepAnalysisAnswer } from "../../api.ts";
import { formatNumber } from "../format/number.ts";
import { makeAxis, type Axis } from "./axis.ts";
import { parameterName } from "./sweepsView.tsx";

type Influence = NonNullable<SweepAnalysisAnswer["influence"]>;
type Dependence = Influence["parameters"][number]["dependence"];

interface DependencePlotsProps {
  readonly influence: Influence;
  readonly metric: string;
}

const [width, height] = [320, 200];
const [left, right, top, bottom] = [56, 12, 10, 26];
const shownMarks = 4;

/** The metric over each parameter, averaged over the others; all on one scale. */
export function DependencePlots({ influence, metric }: DependencePlotsProps): JSX.Element {
  const all = influence.parameters.flatMap(({ dependence }) => edgesOf(dependence).flat());
  const vertical = makeAxis(metric, all, shownMarks);
  return (
    <>
      <header class="panel-head">
        <h2>Partial dependence</h2>
        <span class="muted">
          {metric} over one parameter, averaged over the others; bands are the deviation between
          trees
        </span>
      </header>
      <div class="panel-body dependence-grid">
        {influence.parameters.map(({ name, dependence }) => (
          <figure key={name}>
            <figcaption>{parameterName(name)}</figcaption>
            <Plot name={parameterName(name)} dependence={dependence} vertical={vertical} />
          </figure>
        ))}
      </div>
    </>
  );
}

const edgesOf = ({ mean, deviation }: Dependence): [number[], number[]] => [
  mean.map((value, i) => value - (deviation[i] ?? 0)),
  mean.map((value, i) => value + (deviation[i] ?? 0)),
];

const toX = (at: number): number => left + at * (width - left - right);
const toY = (at: number): number => height - bottom - at * (height - top - bottom);

interface PlotProps {
  readonly name: string;
  readonly dependence: Dependence;
  readonly vertical: Axis;
}

function Plot({ name, dependence, vertical }: PlotProps): JSX.Element {
  const { at, mean } = dependence;
  const horizontal = makeAxis(name, at, shownMarks);
  const [lower, upper] = edgesOf(dependence);
  const isNumeric = at.every((value) => typeof value === "number");
  const point = (i: number, value: number): [number, number] => [
    toX(horizontal.place(at[i] ?? null) ?? 0),
    toY(vertical.place(value) ?? 0),
  ];
  const path = (values: readonly number[]): string =>
    values
      .map((value, i) =>
        point(i, value)
          .map((each) => each.toFixed(1))
          .join(" "),
      )
      .join("L");
  const back = [...lower.keys()].toReversed().map((i) =>
    point(i, lower[i] ?? 0)
      .map((each) => each.toFixed(1))
      .join(" "),
  );
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${vertical.name} over ${name}`}>
      <g class="axis">
        {vertical.marks.map((mark) => (
          <g key={mark.text}>
            <path class="grid-line" d={`M${toX(0)} ${toY(mark.at)}H${toX(1)}`} />
            <text x={left - 6} y={toY(mark.at) + 4} text-anchor="end">
              {mark.text}
            </text>
          </g>
        ))}
        {horizontal.marks.map((mark) => (
          <text key={mark.text} x={toX(mark.at)} y={height - 8} text-anchor="middle">
            {mark.text.slice(0, 12)}
          </text>
        ))}
      </g>
      {isNumeric ? (
        <>
          <path class="dependence-band" d={`M${path(upper)}L${back.join("L")}Z`} />
          <path class="dependence-line" d={`M${path(mean)}`} />
        </>
      ) : (
        mean.map((value, i) => {
          const [x, y] = point(i, value);
          const ends = `M${x} ${point(i, lower[i] ?? value)[1]}V${point(i, upper[i] ?? value)[1]}`;
          return (
            <g key={String(at[i])}>
              <path class="dependence-line" d={ends} />
              <circle class="dependence-dot" cx={x} cy={y} r="5">
                <title>{`${String(at[i])}: ${formatNumber(value)}`}</title>
              </circle>
            </g>
          );
        })
      )}
    </svg>
  );
}
