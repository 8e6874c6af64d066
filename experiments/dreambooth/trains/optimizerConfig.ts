import { createOptimizerConfig, type OptimizerConfig, type ExperimentSpec } from "seedbed";

import type { LearningRates } from "../settings/trains.ts";

/** Names of parameters, by the key of their part. */
const patterns = [
  ["unet", String.raw`^unet\.`],
  ["textEncoder", String.raw`^text_encoder\.`],
  ["vae", String.raw`^vae\.`],
  ["tokens", String.raw`^tokens\.`],
] as const;

/** The spec's optimizer, in which the parts that have a learning rate of their own are groups. */
export function optimizerConfig(spec: ExperimentSpec, rates: LearningRates): OptimizerConfig {
  const groups = patterns.flatMap(([part, parameters]) => {
    const learningRate = rates[part];
    return learningRate === null ? [] : [{ parameters, learningRate }];
  });
  if (groups.length === 0) return createOptimizerConfig(spec);
  const optimizer = { ...(spec.optimizer ?? { name: "adamW" }), groups };
  return createOptimizerConfig({ ...spec, optimizer });
}
