import path from "node:path";

import { hostTensor, type HostTensor } from "../../framework/base/hostTensor.ts";
import { createRun } from "../../framework/tracking/createRun.ts";
import type { Run } from "../../framework/tracking/run.ts";
import { writeCheckpoint } from "../../framework/training/checkpoint.ts";
import { writePointer } from "../../framework/training/checkpointFolder.ts";
import { checkpointContent } from "./checkpointContent.ts";

export interface StoredRunOptions {
  /** What the spec says under `model`. */
  model?: object;
  /** What it says under `loss`. */
  loss?: object;
  parameters: Readonly<Record<string, readonly number[]>>;
  /** Parameters that have more than one axis. */
  tensors?: Readonly<Record<string, HostTensor>>;
  /** What the callback weightAveraging keeps, by parameter. */
  averages?: Readonly<Record<string, readonly number[]>>;
  weightsOnly?: true;
}

/** A run of three steps with one checkpoint, as training leaves it; it is not finished yet. */
export function storedRun(
  runs: string,
  options: StoredRunOptions,
): { folder: string; checkpoint: string; run: Run } {
  const { model = {}, loss = {}, parameters, tensors = {}, averages = {}, weightsOnly } = options;
  const run = createRun({
    name: "subject",
    seed: 1,
    spec: {},
    specYaml: JSON.stringify({ name: "subject", model, loss }),
    command: ["seedbed"],
    parentDirectory: path.join(runs, "subject"),
  });
  const checkpoint = path.join(run.folder, "checkpoints", "step-0000003");
  const isAveraged = Object.keys(averages).length > 0;
  writeCheckpoint(
    checkpoint,
    {
      ...checkpointContent({ step: 3, batchIndex: 3, microBatch: 3, samples: 3 }),
      ...(weightsOnly && { weightsOnly }),
      callbacks: isAveraged ? { weightAveraging: { updates: 1, started: true } } : {},
    },
    {
      parameters: new Map([...tensorsOf(parameters), ...Object.entries(tensors)]),
      optimizer: tensorsOf({ "firstMoment/x": [1] }),
      callbacks: tensorsOf(averages, "weightAveraging/"),
    },
  );
  if (!weightsOnly)
    writePointer(path.dirname(checkpoint), "last", { checkpoint: "step-0000003", step: 3 });
  return { folder: run.folder, checkpoint, run };
}

function tensorsOf(
  values: Readonly<Record<string, readonly number[]>>,
  prefix = "",
): Map<string, HostTensor> {
  return new Map(
    Object.entries(values).map(([name, each]) => [
      prefix + name,
      hostTensor(Float32Array.from(each), [each.length]),
    ]),
  );
}
