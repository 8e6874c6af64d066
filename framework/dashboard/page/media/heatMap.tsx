import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { isDark, themeColour } from "../../../web/page/theme.ts";
import { formatNumber } from "../format/number.ts";
import { densities, histogramScale, type StepHistogram } from "./histogramScale.ts";

interface HeatMapProps {
  readonly name: string;
  readonly histograms: readonly StepHistogram[];
}

const [width, height] = [480, 240];

/** Steps to the right, values upwards, the share of values as strength. */
export function HeatMap({ name, histograms }: HeatMapProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark();
  const scale = histogramScale(histograms);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, width, height);
    context.fillStyle = themeColour("accent");
    const column = width / histograms.length;
    const toY = (value: number): number => ((scale.max - value) / (scale.max - scale.min)) * height;
    for (const [i, histogram] of histograms.entries()) {
      for (const [bin, density] of densities(histogram).entries()) {
        const [low = 0, high = 0] = histogram.edges.slice(bin, bin + 2);
        context.globalAlpha = Math.sqrt(density / scale.density);
        context.fillRect(i * column, toY(high), column + 0.5, toY(low) - toY(high) + 0.5);
      }
    }
  }, [histograms, dark]);
  return (
    <div class="heat-map">
      <span class="heat-map-top">{formatNumber(scale.max)}</span>
      <canvas
        ref={canvas}
        width={width}
        height={height}
        role="img"
        aria-label={`Histograms of ${name} over ${histograms.length} steps`}
      />
      <span class="heat-map-bottom">{formatNumber(scale.min)}</span>
      <span class="heat-map-steps">
        <span>step {histograms[0]?.step ?? 0}</span>
        <span>{histograms.at(-1)?.step ?? 0}</span>
      </span>
    </div>
  );
}
