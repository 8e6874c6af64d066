import type { Logger, MetricsRow, RowLogger } from "../logger.ts";
import { metricsRow } from "../metricsRow.ts";
import { wrapLogger } from "./wrapLogger.ts";

export interface GatheringOptions {
  /** How long a row waits for others, in ms. Default: a second. */
  longestWaitMs?: number;
  /** Hands a row on at once when none came within `longestWaitMs` before it. */
  firstAtOnce?: boolean;
  /** Milliseconds, only ever growing. */
  clock?: () => number;
}

/** Loggers that hold rows hand them on when the process exits. */
const exiting = new Set<() => void>();
let isWatching = false;

function watchExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.once("exit", () => {
    for (const handOn of exiting) handOn();
  });
}

/**
 * Hands rows of scalars on to a logger now and then, all that have come at once: one write of many
 * rows takes a fraction of what it takes to write each, with the processor's caches full of training.
 * All else is handed on as it comes, after the rows before it, and so is `flush`.
 *
 * What waits is handed on when the process exits, and lost when it is killed. What fails while nobody
 * logs is thrown by the next call.
 */
export function gatheringLogger(logger: RowLogger, options: GatheringOptions = {}): Logger {
  const { longestWaitMs = 1000, firstAtOnce = false, clock = () => performance.now() } = options;
  let waiting: MetricsRow[] = [];
  let waitingSince = firstAtOnce ? -Infinity : 0;
  let timer: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;

  function handOn(): void {
    clearTimeout(timer);
    timer = undefined;
    exiting.delete(handOnInTime);
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

  function handOnLater(): void {
    timer = setTimeout(handOnInTime, longestWaitMs);
    exiting.add(handOnInTime);
    watchExit();
  }

  const handingOn = wrapLogger(logger, (call) => {
    handOn();
    return call();
  });

  function logRow(row: MetricsRow): void {
    const now = clock();
    const isFirst = waiting.length === 0;
    waiting.push(row);
    // a thread that never rests has no time for timers
    const isDue = now - waitingSince >= longestWaitMs && (firstAtOnce || !isFirst);
    if (isFirst || isDue) waitingSince = now;
    if (failure || isDue) return handOn();
    if (isFirst) handOnLater();
  }

  return {
    ...handingOn,
    logMetrics: (metrics, point) => logRow(metricsRow(metrics, point)),
    logRow,
  };
}
