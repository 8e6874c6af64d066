import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { Axis } from "./axis.ts";

/** From and to, as places on the axis. */
export type Brush = readonly [number, number];

interface AxisLineProps {
  readonly axis: Axis;
  readonly x: number;
  readonly y: (at: number) => number;
  readonly brush: Brush | null;
  readonly onBrush: (brush: Brush | null) => void;
}

const reach = 20;
const smallestBrush = 0.02;

/** An axis with its marks; a drag along it chooses a part. */
export function AxisLine({ axis, x, y, brush, onBrush }: AxisLineProps): JSX.Element {
  const [drag, setDrag] = useState<Brush | null>(null);
  const at = (event: PointerEvent): number => {
    const svg =
      event.currentTarget instanceof SVGElement ? event.currentTarget.ownerSVGElement : null;
    const offset = event.clientY - (svg?.getBoundingClientRect().top ?? 0);
    return Math.min(1, Math.max(0, (y(0) - offset) / (y(0) - y(1))));
  };
  const end = (): void => {
    if (drag) {
      const range: Brush = drag[0] < drag[1] ? drag : [drag[1], drag[0]];
      onBrush(range[1] - range[0] > smallestBrush ? range : null);
    }
    setDrag(null);
  };
  const shown = drag ?? brush;
  return (
    <g class="axis">
      <text class="axis-name" x={x} y={16} text-anchor="middle">
        {shortName(axis.name)}
        <title>{axis.name}</title>
      </text>
      {axis.log && (
        <text x={x} y={30} text-anchor="middle">
          log
        </text>
      )}
      <path d={`M${x} ${y(1)}V${y(0)}`} />
      {axis.marks.map((mark) => (
        <text key={mark.text} x={x - 6} y={y(mark.at) + 4} text-anchor="end">
          {shortName(mark.text)}
        </text>
      ))}
      {shown && (
        <rect
          class="brush"
          x={x - 8}
          width={16}
          y={y(Math.max(...shown))}
          height={Math.abs(y(shown[0]) - y(shown[1]))}
        />
      )}
      <rect
        class="brush-area"
        x={x - reach}
        y={y(1)}
        width={2 * reach}
        height={y(0) - y(1)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([at(event), at(event)]);
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], at(event)])}
        onPointerUp={end}
        onPointerCancel={() => setDrag(null)}
      />
    </g>
  );
}

const shownCharacters = 18;

function shortName(name: string): string {
  return name.length > shownCharacters ? `…${name.slice(1 - shownCharacters)}` : name;
}
