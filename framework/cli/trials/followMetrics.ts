import { setTimeout as wait } from "node:timers/promises";

import { jsonLinesLogger } from "../../tracking/loggers/jsonLines.ts";
import type { Run } from "../../tracking/run.ts";
import type { ProgramMetrics } from "./programMetrics.ts";

/** Between two looks, unless reading takes long. */
const lookMs = 1000;
/** At least so many times as long as a look took passes until the next. */
const restFactor = 20;

/**
 * Logs what a program leaves as the run's own numbers. Those of an earlier process stay as far as this
 * one's do not take their steps.
 *
 * @returns looks once more, and ends
 */
export function followMetrics(metrics: ProgramMetrics, run: Run): () => Promise<void> {
  const ended = new AbortController();
  async function log(): Promise<void> {
    const points = metrics.read();
    const [first] = points;
    if (first && run.loggers.length === 0) {
      run.loggers.push(jsonLinesLogger({ folder: run.folder, resumeStep: first.step - 1 }));
    }
    for (const { metrics: numbers, ...point } of points) await run.logMetrics(numbers, point);
  }
  async function follow(): Promise<void> {
    while (!ended.signal.aborted) {
      const startMs = performance.now();
      await log();
      const tookMs = performance.now() - startMs;
      await wait(Math.max(lookMs, restFactor * tookMs), undefined, { signal: ended.signal }).catch(
        () => {},
      );
    }
    await log();
  }
  const following = follow();
  following.catch(() => {}); // told when the program has ended, which a lost number does not end
  return async () => {
    ended.abort();
    await following;
  };
}
