import type { Logger, LogPoint } from "../logger.ts";
import type { RunRecord } from "../metricsFile.ts";

type Done = void | Promise<void>;

/** What a call logs besides scalars: the kind of its record, its key and when. */
export interface KeyedCall {
  readonly kind: Exclude<RunRecord["kind"], "metrics">;
  readonly key: string;
  readonly point: LogPoint;
}

/**
 * A logger whose every call goes through one function.
 *
 * @param around makes the call, or does not
 */
export function wrapLogger(
  logger: Logger,
  around: (call: () => Done, keyed?: KeyedCall) => Done,
): Logger {
  const keyed =
    <Content>(
      kind: KeyedCall["kind"],
      log: (key: string, content: Content, point: LogPoint) => Done,
    ) =>
    (key: string, content: Content, point: LogPoint): Done =>
      around(() => log(key, content, point), { kind, key, point });
  const { logRow } = logger;
  return {
    name: logger.name,
    logHyperparameters: (parameters) => around(() => logger.logHyperparameters(parameters)),
    logMetrics: (metrics, point) => around(() => logger.logMetrics(metrics, point)),
    ...(logRow && { logRow: (row) => around(() => logRow(row)) }),
    logImages: keyed("images", (...args) => logger.logImages(...args)),
    logHistogram: keyed("histogram", (...args) => logger.logHistogram(...args)),
    logText: keyed("text", (...args) => logger.logText(...args)),
    logTable: keyed("table", (...args) => logger.logTable(...args)),
    logPrCurve: keyed("prCurve", (...args) => logger.logPrCurve(...args)),
    logArtifact: (artifact) => around(() => logger.logArtifact(artifact)),
    flush: () => around(() => logger.flush()),
    finalize: (outcome, summary) => around(() => logger.finalize(outcome, summary)),
  };
}
