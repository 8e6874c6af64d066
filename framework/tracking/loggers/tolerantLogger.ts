import type { Logger } from "../logger.ts";

/**
 * A logger that the run can do without: its first error is said once and ends it, and training
 * goes on. The run's own record, `jsonLines`, is not wrapped: a run that cannot be recorded stops.
 */
export function tolerantLogger(logger: Logger, warn: (message: string) => void): Logger {
  let isLost = false;
  const lose = (error: unknown): void => {
    isLost = true;
    warn(
      `Logger ${logger.name} is lost: ${error instanceof Error ? error.message : String(error)}; metrics.jsonl goes on`,
    );
  };
  const attempt = (action: () => void | Promise<void>): void | Promise<void> => {
    if (isLost) return;
    try {
      return action()?.catch(lose); // most loggers are done at once, and need no promise
    } catch (error) {
      lose(error);
    }
  };
  return {
    name: logger.name,
    logHyperparameters: (parameters) => attempt(() => logger.logHyperparameters(parameters)),
    logMetrics: (metrics, point) => attempt(() => logger.logMetrics(metrics, point)),
    logImages: (key, images, point) => attempt(() => logger.logImages(key, images, point)),
    logHistogram: (key, histogram, point) =>
      attempt(() => logger.logHistogram(key, histogram, point)),
    logText: (key, text, point) => attempt(() => logger.logText(key, text, point)),
    logTable: (key, table, point) => attempt(() => logger.logTable(key, table, point)),
    logPrCurve: (key, curve, point) => attempt(() => logger.logPrCurve(key, curve, point)),
    logArtifact: (artifact) => attempt(() => logger.logArtifact(artifact)),
    flush: () => attempt(() => logger.flush()),
    finalize: (outcome, summary) => attempt(() => logger.finalize(outcome, summary)),
  };
}
