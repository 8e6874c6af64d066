import type { DecoderConfig } from "../models/decoderConfig.ts";

/** The first tokens of a text, which are seen for good. Source: Xiao et al. 2023, arXiv:2309.17453. */
export interface StreamingOptions {
  /** How many first tokens; the paper has 4. */
  readonly sinks: number;
  /** Last tokens that are seen beside them. */
  readonly window: number;
}

/** Layers that see the same part of a text, and so have caches of one length. */
export interface LayerGroup {
  readonly layers: readonly number[];
  /** Tokens that a token sees, itself included; null is all. */
  readonly window: number | null;
  /** First tokens that are kept while the window moves on. */
  readonly sinks: number;
}

/**
 * Layers by what they see.
 *
 * @param streaming in place of all that came before, for layers without a window
 */
export function layerGroups(
  { layer_windows }: Pick<DecoderConfig, "layer_windows">,
  streaming?: StreamingOptions,
): LayerGroup[] {
  const groups = new Map<number | null, number[]>();
  for (const [layer, window] of layer_windows.entries()) {
    groups.set(window, [...(groups.get(window) ?? []), layer]);
  }
  return Array.from(groups, ([window, layers]) =>
    window === null && streaming
      ? { layers, window: streaming.window, sinks: streaming.sinks }
      : { layers, window, sinks: 0 },
  );
}

/**
 * Tokens that a token sees of those in the cache; null is all, as where first tokens stay: the
 * cache then holds no others.
 */
export function maskedWindow({ window, sinks }: LayerGroup): number | null {
  return sinks > 0 ? null : window;
}
