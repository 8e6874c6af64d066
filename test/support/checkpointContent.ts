import type { CheckpointContent, Progress } from "../../framework/training/checkpointContent.ts";
import { formatVersion } from "../../framework/training/checkpointMigrations.ts";

/** What a checkpoint holds beside tensors, as of a fit with one optimizer and no callbacks. */
export function checkpointContent(progress: Partial<Progress>): CheckpointContent {
  const start = { step: 0, epoch: 0, batchIndex: 0, microBatch: 0, validatedAt: null, samples: 0 };
  return {
    formatVersion,
    progress: { ...start, settled: true, ...progress },
    shouldStop: false,
    seed: 1,
    accumulateGradBatches: 1,
    batchesPerEpoch: 4,
    specHash: null,
    optimizer: { name: "sgd", learningRate: 0.1 },
    lrSchedules: [{ ticks: 0, state: {} }],
    epochLog: { values: {}, entries: {} },
    metrics: { values: {}, steps: {} },
    callbacks: {},
    extra: {},
  };
}
