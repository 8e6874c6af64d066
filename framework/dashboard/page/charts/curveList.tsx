import type { JSX } from "preact";

import { Icon } from "../../../web/page/icon.tsx";
import { linkTo } from "../address/address.ts";
import { setChartState } from "./chartState.ts";
import { commonFolder } from "./commonFolder.ts";
import { highlightedCurve } from "./plot.tsx";
import type { CurveStyle } from "./shownCurve.ts";

interface CurveListProps {
  readonly curves: readonly CurveStyle[];
  readonly hidden: readonly string[];
}

/** The legend of all charts: points out a curve, hides it, leads to its run. */
export function CurveList({ curves, hidden }: CurveListProps): JSX.Element {
  const common = commonFolder(curves.map(({ title }) => title));
  return (
    <ul class="plain-list curve-list" aria-label="Shown runs">
      {curves.map((curve) => (
        <CurveItem key={curve.id} curve={curve} name={curve.title.slice(common)} hidden={hidden} />
      ))}
    </ul>
  );
}

function CurveItem({
  curve,
  name,
  hidden,
}: {
  readonly curve: CurveStyle;
  readonly name: string;
  readonly hidden: readonly string[];
}): JSX.Element {
  const isHidden = hidden.includes(curve.id);
  const [key = ""] = curve.keys;
  const rest = hidden.filter((id) => id !== curve.id);
  const point = (id: string | null) => (): void => {
    highlightedCurve.value = id;
  };
  return (
    <li
      class={isHidden ? "curve-item curve-hidden" : "curve-item"}
      onPointerEnter={point(curve.id)}
      onPointerLeave={point(null)}
      onFocusIn={point(curve.id)}
      onFocusOut={point(null)}
    >
      <svg class="curve-sample" viewBox="0 0 20 8" aria-hidden="true">
        <path d="M0 4H20" stroke={curve.colour} stroke-dasharray={curve.dash.join(" ")} />
      </svg>
      {curve.keys.length === 1 ? (
        <a class="clip" href={linkTo(["run", key])} title={curve.title}>
          {name}
        </a>
      ) : (
        <span class="clip" title={curve.title}>
          {name} <span class="muted">({curve.keys.length})</span>
        </span>
      )}
      <button
        class="quiet icon-button"
        aria-pressed={isHidden}
        aria-label={`Hide ${curve.title}`}
        onClick={() => setChartState({ hidden: isHidden ? rest : [...rest, curve.id] })}
      >
        <Icon name={isHidden ? "hidden" : "eye"} />
      </button>
    </li>
  );
}
