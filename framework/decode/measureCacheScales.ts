import type { CacheScales } from "./cacheScales.ts";
import type { DecodeEngine } from "./decodeEngine.ts";

/** Largest code of an int8 cache. */
const largestCode = 127;

/**
 * Scales with which the keys and values of some texts just fit into 8 bits. Larger ones, of other
 * texts, are cut off: take texts like those that will be decoded.
 *
 * @param engine with a float32 cache that sees texts whole; its first row is overwritten
 * @param margin factor on the largest magnitudes seen. Default: 1
 * @throws {RangeError} when a text is longer than what a window of the model keeps
 */
export async function measureCacheScales(
  engine: DecodeEngine,
  texts: readonly ArrayLike<number>[],
  margin = 1,
): Promise<CacheScales> {
  const { num_hidden_layers, num_key_value_heads, head_dim } = engine.config;
  const channels = num_key_value_heads * head_dim;
  const scales = Array.from({ length: num_hidden_layers }, () => ({
    keys: new Float32Array(channels),
    values: new Float32Array(channels),
  }));
  for (const text of texts) {
    await engine.reset(0);
    await engine.prefill(0, text);
    const cached = await engine.readLayers(0, 0, text.length);
    if (!cached || engine.cacheType !== "float32") {
      throw new RangeError(
        "Cannot measure scales: expected a float32 cache that still has the whole text",
      );
    }
    for (const [layer, { keys, values }] of scales.entries()) {
      widen(keys, cached[layer]!.keys, head_dim, margin);
      widen(values, cached[layer]!.values, head_dim, margin);
    }
  }
  await engine.reset(0);
  return scales;
}

/** @param cached `[kvHeads, tokens, head_dim]` */
function widen(
  scales: Float32Array,
  cached: ArrayLike<number>,
  head_dim: number,
  margin: number,
): void {
  const perHead = cached.length / (scales.length / head_dim);
  for (let i = 0; i < cached.length; i++) {
    const channel = Math.floor(i / perHead) * head_dim + (i % head_dim);
    const scale = (margin * Math.abs(cached[i]!)) / largestCode;
    if (scale > scales[channel]!) scales[channel] = scale;
  }
}
