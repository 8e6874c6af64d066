import type { JsonObject } from "../base/json.ts";
import type { DecoderImportance } from "./decoderImportance.ts";
import { headsOf, integerOf, type DecoderWeights, type Kept } from "./decoderWeights.ts";
import { keepFeedForwardChannels } from "./keepFeedForwardChannels.ts";
import { keepHiddenChannels } from "./keepHiddenChannels.ts";
import { keepKeyValueGroups } from "./keepKeyValueGroups.ts";
import { keepLargest } from "./keepLargest.ts";
import { keepLayers } from "./keepLayers.ts";

/** How many of each part a smaller decoder has; of what is left out, all. */
export interface DecoderSizes {
  readonly layers?: number;
  /** Channels inside feed-forward layers. */
  readonly feedForward?: number;
  /** Heads of keys and values, each with the query heads that share it. */
  readonly keyValueHeads?: number;
  /** Features between layers. */
  readonly features?: number;
}

/** What stays of a decoder; absent where all does. Of each layer that stays, in their order. */
export interface KeptParts {
  readonly layers?: Kept;
  readonly feedForward?: readonly Kept[];
  readonly keyValueGroups?: readonly Kept[];
  readonly features?: Kept;
}

/** @throws {RangeError} naming a size that is no part of the model's own */
export function checkDecoderSizes(config: JsonObject, sizes: DecoderSizes): void {
  for (const [key, most] of ownSizes(config)) {
    const size = sizes[key];
    if (size === undefined || (Number.isInteger(size) && size >= 1 && size <= most)) continue;
    throw new RangeError(
      `Cannot prune ${key}: expected an integer from 1 to ${most}, as many as the model has, got ${size}`,
    );
  }
}

function ownSizes(config: JsonObject): [keyof DecoderSizes, number][] {
  return [
    ["layers", integerOf(config, "num_hidden_layers")],
    ["feedForward", integerOf(config, "intermediate_size")],
    ["keyValueHeads", headsOf(config).groups],
    ["features", integerOf(config, "hidden_size")],
  ];
}

/**
 * The decoder with its most important parts alone, so many of each; what was measured on the whole
 * model decides all of it.
 *
 * Source: Muralidharan et al. 2024 (Minitron), arXiv:2407.14679, section 2.
 *
 * @throws {RangeError} as {@link checkDecoderSizes}
 */
export function pruneDecoder(
  model: DecoderWeights,
  importance: DecoderImportance,
  sizes: DecoderSizes,
): { pruned: DecoderWeights; kept: KeptParts } {
  checkDecoderSizes(model.config, sizes);
  const kept = partsToKeep(importance, sizes);
  let pruned = model;
  if (kept.layers) pruned = keepLayers(pruned, kept.layers);
  if (kept.feedForward) pruned = keepFeedForwardChannels(pruned, kept.feedForward);
  if (kept.keyValueGroups) pruned = keepKeyValueGroups(pruned, kept.keyValueGroups);
  if (kept.features) pruned = keepHiddenChannels(pruned, kept.features);
  return { pruned, kept };
}

function partsToKeep(importance: DecoderImportance, sizes: DecoderSizes): KeptParts {
  const { layers: count, feedForward, keyValueHeads, features } = sizes;
  const layers = keepLargest(importance.layers, count ?? importance.layers.length);
  const inEach = (values: readonly Float32Array[], size: number): Kept[] =>
    layers.map((layer) => keepLargest(values[layer]!, size));
  return {
    ...(count !== undefined && { layers }),
    ...(feedForward !== undefined && {
      feedForward: inEach(importance.feedForward, feedForward),
    }),
    ...(keyValueHeads !== undefined && {
      keyValueGroups: inEach(importance.keyValueGroups, keyValueHeads),
    }),
    ...(features !== undefined && { features: keepLargest(importance.features, features) }),
  };
}
