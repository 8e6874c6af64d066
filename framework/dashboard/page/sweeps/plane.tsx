import type { JSX } from "preact";

import type { Axis } from "./axis.ts";

/** Of the drawing that a plane of two axes fills. */
export const width = 560;
export const height = 320;
const [left, right, top, bottom] = [64, 16, 12, 28];

/** Where a place on the axis across is. */
export const toX = (at: number): number => left + at * (width - left - right);
/** Where a place on the axis up is. */
export const toY = (at: number): number => height - bottom - at * (height - top - bottom);

/** Marks of the axis up, each with a line across the plane. */
export function MarksUp({ axis }: { readonly axis: Axis | undefined }): JSX.Element {
  return (
    <>
      {axis?.marks.map(({ at, text }) => (
        <g key={text}>
          <path class="grid-line" d={`M${toX(0)} ${toY(at)}H${toX(1)}`} />
          <text x={left - 8} y={toY(at) + 4} text-anchor="end">
            {text}
          </text>
        </g>
      ))}
    </>
  );
}
