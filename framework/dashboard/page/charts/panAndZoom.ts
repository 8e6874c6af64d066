import type uPlot from "uplot";

import type { PlotProps } from "./plotProps.ts";

const settleMs = 160;
const wheelZoom = 1.2;

/**
 * Shift and drag moves the chart, ctrl and the wheel zooms around the pointer: at once in this chart,
 * and in all of them, with new points, when it has come to rest.
 *
 * @param moving is set while the chart is moved
 * @returns ends it
 */
export function listenForPan(
  plot: uPlot,
  latest: () => PlotProps,
  moving: { current: boolean },
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (min: number, max: number): void => {
    if (!(max > min)) return;
    moving.current = true;
    plot.setScale("x", { min, max });
    clearTimeout(timer);
    timer = setTimeout(() => {
      moving.current = false;
      plot.redraw(false);
      latest().onZoom(min, max);
    }, settleMs);
  };
  const down = (event: MouseEvent): void => {
    if (!event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const start = positions(plot, latest());
    const startX = event.clientX;
    const move = ({ clientX }: MouseEvent): void => show(...start.moved(startX - clientX));
    const up = (): void => {
      removeEventListener("mousemove", move);
      removeEventListener("mouseup", up);
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", up);
  };
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const { left } = plot.over.getBoundingClientRect();
    const factor = event.deltaY > 0 ? wheelZoom : 1 / wheelZoom;
    show(...positions(plot, latest()).zoomed(event.clientX - left, factor));
  };
  plot.over.addEventListener("mousedown", down, { capture: true });
  plot.over.addEventListener("wheel", wheel, { passive: false });
  return () => {
    clearTimeout(timer);
    plot.over.removeEventListener("mousedown", down, { capture: true });
    plot.over.removeEventListener("wheel", wheel);
  };
}

/** The shown range after a move or a zoom by pixels, along the axis as it is: linear or log. */
function positions(plot: uPlot, { logX }: PlotProps) {
  const [to, from] = logX ? [Math.log, Math.exp] : [Number, Number];
  const min = to(plot.scales["x"]?.min ?? 0);
  const max = to(plot.scales["x"]?.max ?? 1);
  const perPixel = (max - min) / plot.over.clientWidth;
  return {
    moved(pixels: number): [number, number] {
      return [from(min + pixels * perPixel), from(max + pixels * perPixel)];
    },
    zoomed(pixel: number, factor: number): [number, number] {
      const middle = min + pixel * perPixel;
      return [from(middle - (middle - min) * factor), from(middle + (max - middle) * factor)];
    },
  };
}
