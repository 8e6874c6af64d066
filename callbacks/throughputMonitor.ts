import { readOptions, type Callback, type OptionsSchema } from "seedbed";

export interface ThroughputMonitorOptions {
  windowSize: number;
  peakFlops: number | null;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    windowSize: {
      type: "integer",
      minimum: 1,
      default: 100,
      description: "Batches that rates are measured over.",
    },
    peakFlops: {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      default: null,
      description:
        "Floating-point operations per second that the machine could do; logs the share of it that is used.",
    },
  },
};

/** What was done when a batch had ended. */
interface Mark {
  seconds: number;
  batches: number;
  samples: number;
}

/**
 * Logs with the training metrics how much this process has trained on and how fast: `train/time`
 * in seconds without validations, `train/batches`, `train/samples`, and over the last `windowSize`
 * batches `train/batchesPerSecond`, `train/samplesPerSecond`, `train/flopsPerSecond` and, given
 * `peakFlops`, `train/flopsUtilization`. The first batch, which a backend may compile at, is not in
 * the rates. All of it is for display: nothing should monitor it.
 *
 * Operations are those of products of matrices and of convolutions in the first batch. What
 * gradient checkpointing computes twice counts twice: this is the utilization of the hardware, not
 * of the model (Korthikanti et al. 2022, arXiv:2205.05198).
 */
export function throughputMonitor(
  options: Partial<ThroughputMonitorOptions> = {},
  nowMs: () => number = () => performance.now(),
): Callback {
  const { windowSize, peakFlops } = readOptions<ThroughputMonitorOptions>(
    "throughputMonitor",
    optionsSchema,
    options,
  );
  let flopsPerBatch = 0;
  let startedMs = 0;
  let pausedMs = 0;
  let marks: Mark[] = [];

  function rates(): Record<string, number> {
    const [first, last] = [marks[0]!, marks.at(-1)!];
    const seconds = last.seconds - first.seconds;
    if (seconds <= 0) return {};
    const batchesPerSecond = (last.batches - first.batches) / seconds;
    const flopsPerSecond = batchesPerSecond * flopsPerBatch;
    return {
      batchesPerSecond,
      samplesPerSecond: (last.samples - first.samples) / seconds,
      flopsPerSecond,
      ...(peakFlops !== null && { flopsUtilization: flopsPerSecond / peakFlops }),
    };
  }

  return {
    name: "throughputMonitor",
    async onTrainStart(state) {
      const { forward, backward } = await state.stepFlops();
      flopsPerBatch = forward + backward;
      marks = [];
      startedMs = nowMs();
    },
    onValidationStart() {
      pausedMs = nowMs();
    },
    onValidationEnd() {
      startedMs += nowMs() - pausedMs;
    },
    onTrainBatchEnd(state) {
      const { batches, samples } = marks.at(-1) ?? { batches: 0, samples: 0 };
      marks.push({
        seconds: (nowMs() - startedMs) / 1000,
        batches: batches + 1,
        samples: samples + state.batchSize,
      });
      if (marks.length > windowSize + 1) marks.shift();
      if (!state.isLoggingStep) return;
      const { seconds: time, ...done } = marks.at(-1)!;
      for (const [name, value] of Object.entries({ time, ...done, ...rates() })) {
        state.log(`train/${name}`, value);
      }
    },
  };
}
