import { signal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

import { isDark, themeColour } from "../../../web/page/theme.ts";
import type { SeriesQuery } from "../../api.ts";
import { formatNumber } from "../format/number.ts";
import { axisName, formatXValue } from "./axisFormat.ts";
import { ChartTip, type Pointed } from "./chartTip.tsx";
import { CurveLayer } from "./curveLayer.ts";
import type { Frame } from "./drawCurves.ts";
import { listenForPan } from "./panAndZoom.ts";
import type { PlotProps } from "./plotProps.ts";
import type { Range } from "./ranges.ts";

/** The curve that the user points at, in all charts; null: none. */
export const highlightedCurve: Signal<string | null> = signal(null);

/** Curves over axes. uPlot keeps scales, axes, cursor and selection; the curves are drawn by us. */
export function Plot(props: PlotProps): JSX.Element {
  const { x, logX, logY, height, label } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const dark = isDark();
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const moving = { current: false };
    const made = makePlot(element, latest, moving, setPointed);
    plot.current = made;
    latest.current.onPlot?.(made);
    const unpan = listenForPan(made, () => latest.current, moving);
    const sizes = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0 && width !== made.width) made.setSize({ width, height: made.height });
      latest.current.onWidth?.(width);
    });
    sizes.observe(element);
    return () => {
      unpan();
      sizes.disconnect();
      latest.current.onPlot?.(null);
      made.destroy();
    };
  }, [formatKey(x), logX, logY, dark]);
  useEffect(() => {
    plot.current?.setSize({ width: plot.current.width, height });
  }, [height]);
  useEffect(
    () => plot.current?.setData(edges(props)),
    [props.curves, ...props.xRange, ...props.yRange],
  );
  useEffect(() => {
    const redraw = (): void => plot.current?.redraw(false, false);
    return highlightedCurve.subscribe(redraw);
  }, []);
  return (
    <div class="plot" role="img" aria-label={label}>
      <div ref={place} style={{ height: `${height}px` }} onPointerLeave={() => setPointed(null)} />
      {pointed && <ChartTip pointed={pointed} x={x} />}
    </div>
  );
}

/** uPlot's own data: the corners of what is shown. */
function edges({ xRange, yRange }: PlotProps): uPlot.AlignedData {
  return [[...xRange], [...yRange]];
}

interface Latest {
  readonly current: PlotProps;
}

function makePlot(
  element: HTMLElement,
  latest: Latest,
  moving: { readonly current: boolean },
  point: (pointed: Pointed | null) => void,
): uPlot {
  const { x, logX, logY, height } = latest.current;
  const axis = axisStyle();
  const layer = new CurveLayer();
  const options: uPlot.Options = {
    width: Math.max(100, element.clientWidth),
    height,
    legend: { show: false },
    padding: [8, 20, 0, 0],
    scales: {
      x: { time: x === "time", distr: logX ? 3 : 1, range: (_, min, max) => [min, max] },
      y: { distr: logY ? 3 : 1, range: (_, min, max) => [min, max] },
    },
    axes: [
      {
        ...axis,
        size: 32,
        space: 64,
        ...(x === "time" ? {} : { values: (_, ticks) => ticks.map((tick) => tickText(tick, x)) }),
      },
      {
        ...axis,
        size: 56,
        space: 32,
        values: (_, ticks) =>
          ticks.map((tick) => (logY && !isRound(tick) ? "" : tickText(tick, null))),
      },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
      sync: { key: `seedbed-${axisName(x)}`, scales: ["x", null], setSeries: false },
      bind: { dblclick: () => () => (latest.current.onZoom(null, null), null) },
    },
    hooks: {
      draw: [(plot) => drawLayer(plot, layer, latest.current, moving)],
      setSelect: [(plot) => zoomToSelection(plot, latest.current)],
      setCursor: [(plot) => point(pointedAt(plot, latest.current))],
    },
  };
  return new uPlot(options, edges(latest.current), element);
}

/** While the chart moves its picture is moved along, else the curves are drawn. */
function drawLayer(
  plot: uPlot,
  layer: CurveLayer,
  props: PlotProps,
  moving: { readonly current: boolean },
): void {
  const frame = frameOf(plot, props);
  if (moving.current) layer.move(plot.ctx, frame);
  else layer.draw(plot.ctx, props.curves, frame, highlightedCurve.peek());
}

function axisStyle() {
  const line = themeColour("grid");
  return {
    stroke: themeColour("muted"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
    gap: 4,
  };
}

/** 1, 2 or 5 times a power of ten: the others crowd a log axis. */
function isRound(tick: number | null): boolean {
  return tick !== null && /^[125]e/.test(tick.toExponential(3).replace(/\.?0+e/, "e"));
}

function tickText(tick: number | null, x: SeriesQuery["x"] | null): string {
  if (tick === null) return "";
  return x === null ? formatNumber(tick) : formatXValue(x, tick);
}

/** Where curves are drawn on the plot's canvas. */
export function frameOf(plot: uPlot, { logX, logY, xRange, yRange }: PlotProps): Frame {
  const { left, top, width, height } = plot.bbox;
  const shown = (scale: uPlot.Scale | undefined, range: Range): Range => [
    scale?.min ?? range[0],
    scale?.max ?? range[1],
  ];
  const { x, y } = plot.scales;
  const ratio = uPlot.pxRatio;
  return { left, top, width, height, x: shown(x, xRange), y: shown(y, yRange), logX, logY, ratio };
}

const smallestZoom = 4;

function zoomToSelection(plot: uPlot, { onZoom }: PlotProps): void {
  const { left, width } = plot.select;
  if (width < smallestZoom) return;
  const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  onZoom(from, to);
}

/** Where the pointer is; null when it is in another chart, whose cursor this one follows. */
function pointedAt(
  plot: uPlot,
  { curves, x, yRange, xRange, logX, logY, ...rest }: PlotProps,
): Pointed | null {
  const { left = -1, top = -1, event } = plot.cursor;
  if (left < 0 || top < 0 || !event) return null;
  const frame = frameOf(plot, { curves, x, yRange, xRange, logX, logY, ...rest });
  return { left, top, at: plot.posToVal(left, "x"), curves, frame, over: plot.over };
}

function formatKey(x: SeriesQuery["x"]): string {
  return JSON.stringify(x);
}
