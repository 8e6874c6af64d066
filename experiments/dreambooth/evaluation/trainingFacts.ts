import { meanAndDeviation, type MetricsRecord, type RunManifest } from "seedbed";

/** What of a stored run is looked at. */
export interface LoggedRun {
  readonly metrics: readonly Pick<MetricsRecord, "wallTimeSeconds" | "metrics">[];
  readonly manifest: { readonly resumes: readonly Pick<RunManifest, "startedAt">[] };
}

/** What a run's log tells. */
export interface TrainingFacts {
  /** Means of the last tenth of what was logged: the step's loss, and the subject's part of it. */
  readonly loss?: number | undefined;
  readonly lossInstance?: number | undefined;
  /** Between the first and the last number, without the time between an interruption and a resume. */
  readonly seconds?: number | undefined;
}

export function trainingFacts({ metrics, manifest }: LoggedRun): TrainingFacts {
  const valuesOf = (name: string): number[] =>
    metrics.flatMap((record) => {
      const value = record.metrics[name];
      return value === undefined ? [] : [value];
    });
  return {
    loss: meanOfLast(valuesOf("train/loss")),
    lossInstance: meanOfLast(valuesOf("train/lossInstance")),
    seconds: secondsOf(
      metrics.map(({ wallTimeSeconds }) => wallTimeSeconds),
      manifest.resumes.map(({ startedAt }) => Date.parse(startedAt) / 1000),
    ),
  };
}

function meanOfLast(values: readonly number[]): number | undefined {
  const last = values.slice(-Math.max(1, Math.ceil(values.length / 10)));
  return last.length === 0 ? undefined : meanAndDeviation(last).mean;
}

/**
 * @param times of what was logged, in order
 * @param resumes when the run was resumed; all in seconds since 1970
 */
function secondsOf(times: readonly number[], resumes: readonly number[]): number | undefined {
  if (times.length < 2) return undefined;
  const gaps = times.slice(1).map((time, i) => {
    const before = times[i]!;
    return resumes.some((resume) => resume > before && resume <= time) ? 0 : time - before;
  });
  return gaps.reduce((sum, gap) => sum + gap, 0);
}
