import { formatDuration } from "../../base/formatDuration.ts";
import { canRewrite, progressLine, type ProgressOutput } from "../../base/progressLine.ts";

export interface SampleProgressOptions {
  output: ProgressOutput;
  /** Pictures that are made in all. */
  pictures: number;
  nowMs?: () => number;
  environment?: NodeJS.ProcessEnv;
}

/** Shows how much is done, and the time that is left. */
export interface SampleProgress {
  /** Shows what goes before sampling. */
  readonly say: (line: string) => void;
  /** @param share in (0, 1] */
  readonly show: (share: number) => void;
  readonly close: () => void;
}

/** Seconds between two lines where none is rewritten. */
const plainPauseSeconds = 5;
const terminalPauseSeconds = 0.2;

/** The first step is not counted for the speed: it is recorded, too. */
export function sampleProgress({
  output,
  pictures,
  nowMs = () => performance.now(),
  environment = process.env,
}: SampleProgressOptions): SampleProgress {
  const rewrites = canRewrite(output, environment);
  const pauseSeconds = rewrites ? terminalPauseSeconds : plainPauseSeconds;
  const progress = progressLine({ output, rewrites, pauseSeconds, nowMs });
  let first: { share: number; atMs: number } | undefined;
  return {
    say: progress.show,
    show(share) {
      first ??= { share, atMs: nowMs() };
      if (share < 1 && !progress.isDue()) return;
      const seconds = (nowMs() - first.atMs) / 1000;
      const left = (seconds / (share - first.share)) * (1 - share);
      const done = Math.floor(share * pictures + 1e-9);
      const eta = share > first.share ? [`ETA ${formatDuration(left)}`] : [];
      progress.show(
        [`sampling ${Math.floor(100 * share)}%`, `pictures ${done}/${pictures}`, ...eta].join("  "),
      );
    },
    close: progress.close,
  };
}
