import type { Logger } from "../logger.ts";
import { wrapLogger } from "./wrapLogger.ts";

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
  return wrapLogger(logger, (call) => {
    if (isLost) return;
    try {
      return call()?.catch(lose); // most loggers are done at once, and need no promise
    } catch (error) {
      lose(error);
    }
  });
}
