import type { Logger } from "../logger.ts";

/** Takes everything and keeps nothing: what a worker has whose rank is not 0. */
export const silentLogger: Logger = {
  name: "silent",
  logHyperparameters() {},
  logMetrics() {},
  logImages() {},
  logHistogram() {},
  logText() {},
  logTable() {},
  logPrCurve() {},
  logArtifact() {},
  flush() {},
  finalize() {},
};
