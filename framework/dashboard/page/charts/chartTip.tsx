import type { JSX } from "preact";

import type { SeriesQuery } from "../../api.ts";
import { formatNumber, fullNumber } from "../format/number.ts";
import { formatXValue } from "./axisFormat.ts";
import { scaleX, scaleY, type Frame } from "./drawCurves.ts";
import { nearestPoint, type ShownCurve } from "./shownCurve.ts";

/** Where the pointer is in a plot. */
export interface Pointed {
  /** Within the plot's area, in pixels of the page. */
  readonly left: number;
  readonly top: number;
  /** The value of x there. */
  readonly at: number;
  readonly curves: readonly ShownCurve[];
  readonly frame: Frame;
  readonly over: HTMLElement;
}

const shownValues = 8;
const reachPixels = 24;

/** The values at the pointer: of the curves nearest to it, the nearest first. */
export function ChartTip({
  pointed,
  x,
}: {
  readonly pointed: Pointed;
  readonly x: SeriesQuery["x"];
}): JSX.Element {
  const { left, over } = pointed;
  const values = nearestValues(pointed);
  const onRight = left < over.clientWidth / 2;
  const inset = over.offsetLeft;
  const side = onRight
    ? { left: `${inset + left + 12}px` }
    : { right: `calc(100% - ${inset + left - 12}px)` };
  return (
    <div class="chart-tip" style={side} aria-hidden="true">
      <div class="chart-tip-x">{formatXValue(x, values[0]?.at ?? pointed.at)}</div>
      {values.slice(0, shownValues).map(({ curve, value, mark }, i) => (
        <div key={curve.style.id} class={i === 0 ? "chart-tip-line nearest" : "chart-tip-line"}>
          <span class="swatch" style={{ background: curve.style.colour }} />
          <span class="clip">{curve.style.title}</span>
          <span class="chart-tip-value" title={fullNumber(value)}>
            {mark ?? formatNumber(value)}
          </span>
        </div>
      ))}
      {values.length > shownValues && <div class="muted">{values.length - shownValues} more</div>}
    </div>
  );
}

interface NearValue {
  readonly curve: ShownCurve;
  /** The x of its point. */
  readonly at: number;
  readonly value: number;
  /** What was logged there that is no finite number. */
  readonly mark: string | null;
  readonly distance: number;
}

/** What each curve has at the pointer, by how far from it. */
export function nearestValues({ curves, at, top, left, frame }: Pointed): NearValue[] {
  const toX = scaleX(frame);
  const toY = scaleY(frame);
  const pixel = (value: number): number => (toX(value) - frame.left) / frame.ratio;
  return curves
    .flatMap((curve): NearValue[] => {
      const strange = curve.nonFinite.find(({ x }) => Math.abs(pixel(x) - left) < 4);
      const i = nearestPoint(curve, at);
      const value = (curve.smooth ?? curve.y)[i] ?? Number.NaN;
      const far = Math.abs(pixel(curve.x[i] ?? Number.NaN) - left) > reachPixels;
      const beyond = at > (curve.x.at(-1) ?? at) || at < (curve.x[0] ?? at);
      if (!strange && (i < 0 || (far && beyond))) return [];
      const height = (toY(value) - frame.top) / frame.ratio;
      const distance = Number.isFinite(height) ? Math.abs(height - top) : Infinity;
      return [
        {
          curve,
          at: strange?.x ?? curve.x[i] ?? at,
          value,
          mark: strange ? formatNumber(strange.value) : null,
          distance,
        },
      ];
    })
    .toSorted((a, b) => a.distance - b.distance);
}
