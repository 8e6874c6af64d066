import type { JSX } from "preact";

import type { RunAnswer } from "../../api.ts";
import { linkTo } from "../address/address.ts";
import { Notice } from "../parts/notice.tsx";
import { layersOf } from "./layersOf.ts";

const [boxWidth, boxHeight, gapX, gapY] = [208, 48, 112, 20];

/** Which runs' files this run used, and which runs used its own: from left to right. */
export function LineageTab({ answer }: { readonly answer: RunAnswer }): JSX.Element {
  const { nodes, edges } = answer.lineage;
  if (edges.length === 0) return <Notice title="No artifact leads to or from this run" />;
  const layers = layersOf(
    nodes.map(({ key }) => key),
    edges,
  );
  const tallest = Math.max(...layers.map((layer) => layer.length));
  const width = layers.length * (boxWidth + gapX) - gapX + 8;
  const height = tallest * (boxHeight + gapY) - gapY + 8;
  const places = new Map<string, { x: number; y: number }>();
  for (const [column, layer] of layers.entries()) {
    const top = ((tallest - layer.length) * (boxHeight + gapY)) / 2;
    for (const [row, key] of layer.entries()) {
      places.set(key, { x: 4 + column * (boxWidth + gapX), y: 4 + top + row * (boxHeight + gapY) });
    }
  }
  return (
    <section class="panel lineage" aria-label="Lineage" tabIndex={0}>
      <div class="lineage-graph" style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {edges.map(({ from, to, artifact }) => (
            <Edge
              key={`${from} ${to} ${artifact}`}
              from={places.get(from)}
              to={places.get(to)}
              name={artifact}
            />
          ))}
        </svg>
        {nodes.map(({ key, title, status, known }) => {
          const { x = 0, y = 0 } = places.get(key) ?? {};
          const style = {
            left: `${x}px`,
            top: `${y}px`,
            width: `${boxWidth}px`,
            height: `${boxHeight}px`,
          };
          const here = key === answer.run.key;
          return known ? (
            <a
              key={key}
              class={here ? "lineage-node here" : "lineage-node"}
              aria-current={here}
              style={style}
              href={linkTo(["run", key, "lineage"])}
              title={title}
            >
              <span class="clip">{title}</span>
              <span class={`clip status-${status}`}>{status}</span>
            </a>
          ) : (
            <div key={key} class="lineage-node unknown" style={style} title={title}>
              <span class="clip">{title}</span>
              <span class="clip muted">not in these folders</span>
            </div>
          );
        })}
      </div>
      <ul class="visually-hidden">
        {edges.map(({ from, to, artifact }) => (
          <li key={`${from} ${to} ${artifact}`}>{`${to} used ${artifact} of ${from}`}</li>
        ))}
      </ul>
    </section>
  );
}

interface EdgeProps {
  readonly from: { readonly x: number; readonly y: number } | undefined;
  readonly to: { readonly x: number; readonly y: number } | undefined;
  readonly name: string;
}

function Edge({ from, to, name }: EdgeProps): JSX.Element | null {
  if (!from || !to) return null;
  const [x1, y1] = [from.x + boxWidth, from.y + boxHeight / 2];
  const [x2, y2] = [to.x, to.y + boxHeight / 2];
  const middle = (x1 + x2) / 2;
  return (
    <g>
      <path class="lineage-edge" d={`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`} />
      <text class="lineage-name" x={x2 - 8} y={y2 - 6} text-anchor="end">
        {name.length > 16 ? `${name.slice(0, 15)}…` : name}
      </text>
    </g>
  );
}
