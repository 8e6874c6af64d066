import path from "node:path";

import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import type { PipelineComponents } from "../pipelines/pipelineComponents.ts";
import { readCheckpointContent } from "../training/checkpoint.ts";
import type { CheckpointContent } from "../training/checkpointContent.ts";
import { restoreParameters } from "../training/restoreParameters.ts";
import { readSafetensorsHeader } from "../weights/safetensors.ts";

/** Which of a model's weights: those of the last step, or their average. */
export type WhichWeights = "raw" | "ema";

/** State keys of the callbacks that average weights, and what says that they have begun to. */
const averagers: Readonly<Record<string, string>> = {
  weightAveraging: "started",
  stochasticWeightAveraging: "averaged",
};

/**
 * Sets a pipeline's weights to those of a run's checkpoint; what the run did not train stays.
 *
 * @param weights Default: the average where there is one
 * @returns which weights were taken
 * @throws {InputError} when the checkpoint is damaged, is not of such a pipeline, or has no average
 */
export function restorePipeline(
  components: PipelineComponents,
  checkpoint: string,
  weights?: WhichWeights,
): WhichWeights {
  const content = readCheckpointContent(checkpoint);
  if (content.weightsOnly && weights !== undefined) {
    throw new InputError(
      `Cannot export ${weights} weights of ${checkpoint}: it has those to publish alone; leave --weights out`,
    );
  }
  const averager = averagerOf(content, checkpoint);
  if (weights === "ema" && averager === undefined) {
    throw new InputError(
      `Cannot export averaged weights of ${checkpoint}: the run had no callback ${Object.keys(averagers).join(" or ")}, or it has not begun yet`,
    );
  }
  const averagedBy = weights === "raw" ? undefined : averager;
  const parameters = trained(components, checkpoint);
  restoreParameters({ trainableParameters: () => parameters }, checkpoint, averagedBy);
  return averagedBy === undefined ? "raw" : "ema";
}

function averagerOf(content: CheckpointContent, checkpoint: string): string | undefined {
  if (content.weightsOnly) return undefined;
  const stored = [...namesIn(checkpoint, "callbacks")];
  return Object.entries(averagers).find(([key, begun]) => {
    const state = content.callbacks[key];
    return Boolean(state?.[begun]) && stored.some((name) => name.startsWith(`${key}/`));
  })?.[0];
}

function namesIn(checkpoint: string, file: "parameters" | "callbacks"): Iterable<string> {
  return readSafetensorsHeader(path.join(checkpoint, `${file}.safetensors`)).tensors.keys();
}

/** The pipeline's parameters that the checkpoint has. */
function trained(components: PipelineComponents, checkpoint: string): Map<string, tf.Variable> {
  const all = pipelineParameters(components);
  const names = [...namesIn(checkpoint, "parameters")];
  const strange = names.filter((name) => !all.has(name));
  if (strange.length === 0) return new Map(names.map((name) => [name, all.get(name)!]));
  throw new InputError(
    `Cannot export ${checkpoint}: expected parameters unet.* and text_encoder.* of a pipeline, got ${strange.slice(0, 3).join(", ")}${strange.length > 3 ? ", ..." : ""}`,
  );
}

/** All parameters of a pipeline under the names that training gives them. */
export function pipelineParameters(components: PipelineComponents): Map<string, tf.Variable> {
  const { unet, vae, textEncoder } = components;
  const parts = { unet, vae, text_encoder: textEncoder };
  return new Map(
    Object.entries(parts).flatMap(([prefix, { model }]) =>
      [...model.parameters].map(([name, variable]) => [`${prefix}.${name}`, variable] as const),
    ),
  );
}
