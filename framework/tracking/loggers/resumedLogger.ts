import type { Logger, LogPoint } from "../logger.ts";
import type { RunRecord } from "../metricsFile.ts";
import { metricsOf } from "../metricsRow.ts";
import { wrapLogger } from "./wrapLogger.ts";

/**
 * A logger of a run that was taken up again. A step that was interrupted after its validation is
 * validated again, with the same numbers: what the kept records have of the step that the run
 * continues from is not logged a second time.
 *
 * @param records of the processes before that were kept
 * @param resumeStep last step of the checkpoint that the run continues from
 */
export function resumedLogger(
  logger: Logger,
  records: readonly RunRecord[],
  resumeStep: number,
): Logger {
  const logged = new Set(records.filter(({ step }) => step === resumeStep).flatMap(contents));
  if (logged.size === 0) return logger;
  const isNew = (kind: RunRecord["kind"], key: string, { step }: LogPoint): boolean =>
    step !== resumeStep || !logged.has(`${kind} ${key}`);
  const ofThatStep = (metrics: Readonly<Record<string, number>>, point: LogPoint) => {
    const entries = Object.entries(metrics);
    const fresh = entries.filter(([key]) => isNew("metrics", key, point));
    if (fresh.length === 0 && entries.length > 0) return undefined;
    return logger.logMetrics(Object.fromEntries(fresh), point);
  };
  const { logRow } = logger;
  return {
    ...wrapLogger(logger, (call, keyed) =>
      !keyed || isNew(keyed.kind, keyed.key, keyed.point) ? call() : undefined,
    ),
    logMetrics: (metrics, point) =>
      point.step === resumeStep ? ofThatStep(metrics, point) : logger.logMetrics(metrics, point),
    ...(logRow && {
      logRow: (row) =>
        row.point.step === resumeStep ? ofThatStep(metricsOf(row), row.point) : logRow(row),
    }),
  };
}

/** Kind and key of all that a record holds. */
function contents(record: RunRecord): string[] {
  const keys = record.kind === "metrics" ? Object.keys(record.metrics) : [record.key];
  return keys.map((key) => `${record.kind} ${key}`);
}
