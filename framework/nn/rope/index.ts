import { defaultFrequencies } from "./defaultFrequencies.ts";
import { dynamicFrequencies } from "./dynamicFrequencies.ts";
import { linearFrequencies } from "./linearFrequencies.ts";
import { llama3Frequencies } from "./llama3Frequencies.ts";
import type { RopeConfig, RopeFrequencies } from "./ropeConfig.ts";
import { yarnFrequencies } from "./yarnFrequencies.ts";

export type {
  Llama3Scaling,
  RopeConfig,
  RopeFrequencies,
  RopeScaling,
  YarnScaling,
} from "./ropeConfig.ts";

/**
 * How fast each pair of a head's features turns from one position to the next.
 *
 * @param tokens of the whole text, on which "dynamic" depends
 */
export function ropeFrequencies(config: RopeConfig, tokens: number): RopeFrequencies {
  const { rope_scaling: scaling } = config;
  switch (scaling.rope_type) {
    case "default":
      return defaultFrequencies(config);
    case "linear":
      return linearFrequencies(config, scaling);
    case "dynamic":
      return dynamicFrequencies(config, scaling, tokens);
    case "yarn":
      return yarnFrequencies(config, scaling);
    case "llama3":
      return llama3Frequencies(config, scaling);
    default:
      return scaling satisfies never;
  }
}
