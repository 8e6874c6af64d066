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
      <Smoothing smoothing={state.smoothing} />
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

/** No smoothing at weight 0. */
function Smoothing({ smoothing }: { readonly smoothing: SeriesQuery["smoothing"] }): JSX.Element {
  const [weight, setWeight] = useState(smoothing.weight);
  const [kind, setKind] = useState(smoothing.kind === "none" ? "exponential" : smoothing.kind);
  useEffect(() => setWeight(smoothing.weight), [smoothing.weight]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (weight === smoothing.weight && kind === smoothing.kind) return;
      setChartState({ smoothing: { kind: weight > 0 ? kind : "none", weight } });
    }, typingMs);
    return () => clearTimeout(timer);
  }, [weight, kind]);
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
          onInput={(event) => setWeight(Number(event.currentTarget.value))}
        />
      </label>
      <output class="smooth-value">{weight.toFixed(2)}</output>
      <select
        aria-label="Kind of smoothing"
        value={kind}
        onChange={(event) =>
          setKind(event.currentTarget.value === "timeWeighted" ? "timeWeighted" : "exponential")
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
