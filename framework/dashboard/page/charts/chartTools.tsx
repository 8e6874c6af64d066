import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Icon } from "../../../web/page/icon.tsx";
import type { SeriesQuery } from "../../api.ts";
import { formatX, parseX, setChartState, type ChartState } from "./chartState.ts";

interface ChartToolsProps {
  readonly state: ChartState;
  /** For the x axis. */
  readonly metrics: readonly string[];
  /** Whether there are curves of several runs. */
  readonly grouped: boolean;
}

const offeredAxes = 100;

/** Everything that holds for all charts of a view. */
export function ChartTools({ state, metrics, grouped }: ChartToolsProps): JSX.Element {
  const zoomed = state.from !== null || state.to !== null;
  return (
    <div class="tools" role="toolbar" aria-label="Charts">
      <SearchBox state={state} />
      <SmoothingChoice smoothing={state.smoothing} />
      <label class="field">
        <span>x</span>
        <select
          aria-label="x axis"
          value={formatX(state.x) ?? "step"}
          onChange={(event) => setChartState({ x: parseX(event.currentTarget.value) })}
        >
          <option value="step">step</option>
          <option value="epoch">epoch</option>
          <option value="relativeTime">time since start</option>
          <option value="time">time</option>
          <optgroup label="metrics">
            {metrics.slice(0, offeredAxes).map((metric) => (
              <option key={metric} value={`metric:${metric}`}>
                {metric}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <Toggle pressed={state.logX} onPress={(logX) => setChartState({ logX })}>
        log x
      </Toggle>
      <Toggle pressed={state.logY} onPress={(logY) => setChartState({ logY })}>
        log y
      </Toggle>
      <Toggle
        pressed={state.ignoreOutliers}
        onPress={(ignoreOutliers) => setChartState({ ignoreOutliers })}
      >
        ignore outliers
      </Toggle>
      {grouped && <BandChoice band={state.band} />}
      {zoomed && (
        <button onClick={() => setChartState({ from: null, to: null })}>
          <Icon name="reset" /> Show all
        </button>
      )}
    </div>
  );
}

function SearchBox({ state }: { readonly state: ChartState }): JSX.Element {
  return (
    <div class="filter chart-search">
      <Icon name="search" />
      <input
        type="search"
        data-filter
        aria-label="Search metrics"
        placeholder="Search metrics"
        value={state.search}
        onInput={(event) => setChartState({ search: event.currentTarget.value })}
      />
    </div>
  );
}

const typingMs = 120;

type Smoothing = SeriesQuery["smoothing"];

/** No smoothing at weight 0. What is chosen comes into the address when the user rests. */
function SmoothingChoice({ smoothing }: { readonly smoothing: Smoothing }): JSX.Element {
  const [chosen, setChosen] = useState<Smoothing | null>(null);
  /** While there is no smoothing, which has no kind. */
  const [lastKind, setLastKind] = useState<Smoothing["kind"]>("exponential");
  useEffect(() => {
    if (!chosen) return;
    const timer = setTimeout(() => {
      setChartState({ smoothing: chosen });
      setChosen(null);
    }, typingMs);
    return () => clearTimeout(timer);
  }, [chosen]);
  const shown = chosen ?? smoothing;
  const { weight } = shown;
  const kind = shown.kind === "none" ? lastKind : shown.kind;
  const choose = (next: Smoothing): void => {
    setLastKind(next.kind);
    setChosen(next.weight > 0 ? next : { kind: "none", weight: 0 });
  };
  return (
    <span class="field">
      <label class="field">
        <span>smooth</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={weight}
          onInput={(event) => choose({ kind, weight: Number(event.currentTarget.value) })}
        />
      </label>
      <output class="smooth-value">{weight.toFixed(2)}</output>
      <select
        aria-label="Kind of smoothing"
        value={kind}
        onChange={({ currentTarget: { value } }) =>
          choose({ kind: value === "timeWeighted" ? "timeWeighted" : "exponential", weight })
        }
      >
        <option value="exponential">exponential</option>
        <option value="timeWeighted">time-weighted</option>
      </select>
    </span>
  );
}

const bandNames: readonly (readonly [SeriesQuery["band"], string])[] = [
  ["deviation", "± deviation"],
  ["standardError", "± standard error"],
  ["minMax", "min to max"],
  ["none", "no band"],
];

function BandChoice({ band }: { readonly band: SeriesQuery["band"] }): JSX.Element {
  return (
    <label class="field">
      <span>band</span>
      <select
        value={band}
        onChange={(event) => {
          const found = bandNames.find(([name]) => name === event.currentTarget.value);
          if (found) setChartState({ band: found[0] });
        }}
      >
        {bandNames.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function Toggle(props: {
  readonly pressed: boolean;
  readonly onPress: (pressed: boolean) => void;
  readonly children: string;
}): JSX.Element {
  const { pressed, onPress, children } = props;
  return (
    <button aria-pressed={pressed} onClick={() => onPress(!pressed)}>
      {children}
    </button>
  );
}
