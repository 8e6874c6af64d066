import type { Logger, MetricsRow, RowLogger } from "../logger.ts";
import { wrapLogger } from "./wrapLogger.ts";

export interface GatheringOptions {
  /** How long a row waits for others, in ms. */
  longestWaitMs?: number;
  /** Milliseconds, only ever growing. */
  clock?: () => number;
}

/**
 * Hands rows of scalars on to a logger a few times a second, all that have come at once: one write of
 * many rows takes a fraction of what it takes to write each, with the processor's caches full of
 * training. All else is handed on as it comes, after the rows before it, and so is `flush`.
 *
 * What waits is lost when the process is killed. What fails while nobody logs is thrown by the next
 * call.
 */
export function gatheringLogger(
  logger: RowLogger,
  { longestWaitMs = 200, clock = () => performance.now() }: GatheringOptions = {},
): Logger {
  let waiting: MetricsRow[] = [];
  let waitingSince = 0;
  let timer: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;

  function handOn(): void {
    clearTimeout(timer);
    if (failure) throw failure.error;
    const rows = waiting;
    waiting = [];
    if (rows.length > 0) logger.logRows(rows);
  }

  function handOnInTime(): void {
    try {
      handOn();
    } catch (error) {
      failure = { error };
    }
  }

  const handingOn = wrapLogger(logger, (call) => {
    handOn();
    return call();
  });

  return {
    ...handingOn,
    logMetrics(metrics, point) {
      if (waiting.length === 0) {
        waitingSince = clock();
        timer = setTimeout(handOnInTime, longestWaitMs);
      }
      waiting.push({ metrics: { ...metrics }, point });
      // a thread that never rests has no time for timers
      if (failure || clock() - waitingSince >= longestWaitMs) handOn();
    },
  };
}
