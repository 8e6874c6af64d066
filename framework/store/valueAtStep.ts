import type { ValueAtStep } from "./columnValue.ts";
import type { MetricSummary } from "./indexedRun.ts";
import type { Series } from "./series.ts";

const mostKept = 200_000;

/**
 * Reads values at a step from curves, and keeps them: a table of thousands of runs asks for the same
 * again and again. A step after a metric's last one needs no curve.
 */
export function valueAtStep(series: Series): ValueAtStep {
  const kept = new Map<string, { of: MetricSummary; value: number | undefined }>();
  return (run, metric, step) => {
    const of = run.metrics[metric];
    if (!of || step >= of.lastStep) return of?.last;
    const key = JSON.stringify([run.folder, metric, step]);
    const known = kept.get(key);
    if (known?.of.count === of.count && known.of.lastStep === of.lastStep) return known.value;
    const value = series.at(run, metric, step);
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, { of, value });
    return value;
  };
}
