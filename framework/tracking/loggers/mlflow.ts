import { histogramBins } from "../histogram.ts";
import type { Logger, LogPoint } from "../logger.ts";
import type { RunRecord } from "../metricsFile.ts";
import { MlflowRun, type MlflowRunInfo, type mlflowStatus } from "../mlflow/store.ts";
import { flattenParameters } from "../parameters.ts";
import { prCurvePoints } from "../prCurve.ts";
import type { RunArtifact } from "../runArtifact.ts";
import type { RunOutcome } from "../runOutcome.ts";

export interface MlflowOptions {
  /** The store, such as `mlruns`; runs of all programs may be in it. */
  root: string;
  info: MlflowRunInfo;
  /** What was logged up to the step that the run goes on from. */
  records?: readonly RunRecord[];
  /** Seconds since 1970. */
  clock?: () => number;
}

/** MLflow refuses longer values. */
const longestParameter = 6000;
/** Metrics are many files, which are written together so often. */
const writeSeconds = 5;

/**
 * Writes MLflow's file store, which `mlflow ui` shows: settings as params, scalars as metrics,
 * pictures, texts, tables, histograms and curves as artifacts. Numbers are with the system some
 * seconds after they were logged.
 */
export function mlflowLogger({
  root,
  info,
  records = [],
  clock = () => Date.now() / 1000,
}: MlflowOptions): Logger {
  const run = new MlflowRun(root, info);
  const artifacts: RunArtifact[] = [];
  let last: LogPoint = { step: 0, epoch: 0, wallTimeSeconds: clock() };
  let writtenAt = clock();

  function logMetrics(metrics: Readonly<Record<string, number>>, point: LogPoint): void {
    for (const [key, value] of Object.entries(metrics)) run.addMetric(key, value, point);
    last = point;
    if (Math.abs(clock() - writtenAt) < writeSeconds) return;
    run.flush();
    writtenAt = clock();
  }

  const writeJson = (key: string, value: object, { step }: LogPoint): void =>
    run.writeFile(`${run.artifactPath(key, step)}.json`, JSON.stringify(value));

  for (const record of records) if (record.kind === "metrics") logMetrics(record.metrics, record);

  return {
    name: "mlflow",
    logHyperparameters(parameters) {
      for (const [key, value] of flattenParameters(parameters)) {
        run.writeParameter(key, String(value).slice(0, longestParameter));
      }
    },
    logMetrics,
    logImages(key, images, { step }) {
      for (const [i, { png }] of images.entries()) {
        run.writeFile(`${run.artifactPath(key, step)}_${i}.png`, png);
      }
    },
    logHistogram: (key, histogram, point) => writeJson(key, histogramBins(histogram), point),
    logText(key, text, { step }) {
      run.writeFile(`${run.artifactPath(key, step)}.txt`, text);
    },
    logTable(key, { columns, rows }, point) {
      writeJson(key, { columns, data: rows }, point); // as MLflow's own log_table has it
    },
    logPrCurve: (key, curve, point) => writeJson(key, prCurvePoints(curve), point),
    logArtifact(artifact) {
      artifacts.push(artifact);
      run.writeFile("artifacts/lineage.json", `${JSON.stringify(artifacts, null, 2)}\n`);
    },
    flush() {
      run.flush();
    },
    finalize(outcome, summary = {}) {
      for (const [name, value] of Object.entries(summary)) {
        if (typeof value === "number") run.addMetric(`summary/${name}`, value, last);
        else run.writeTag(`summary.${name}`, value);
      }
      run.flush();
      run.writeStatus(statusAfter(outcome), Math.round(clock() * 1000));
    },
  };
}

function statusAfter(outcome: RunOutcome): keyof typeof mlflowStatus {
  return outcome === "interrupted" ? "killed" : outcome;
}
