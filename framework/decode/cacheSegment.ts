import type { HostArray } from "../runtime/session.ts";
import type { CachedTokens } from "./cacheArrays.ts";

/** Keys and values of a stretch of a text, for each group of layers and each of its layers. */
export interface CacheSegment {
  readonly tokens: number;
  readonly kvHeads: number;
  readonly groups: readonly (readonly CachedTokens[])[];
  readonly bytes: number;
}

/** A copy of tokens `[from, to)`. */
export function sliceSegment(
  segment: CacheSegment,
  from: number,
  to: number = segment.tokens,
): CacheSegment {
  const { tokens, kvHeads, groups, bytes } = segment;
  const cut = (array: HostArray): HostArray => {
    const [perHead, perToken] = [array.length / kvHeads, array.length / kvHeads / tokens];
    const length = (to - from) * perToken;
    const parts =
      array instanceof Float32Array
        ? new Float32Array(kvHeads * length)
        : new Uint8Array(kvHeads * length);
    for (let head = 0; head < kvHeads; head++) {
      const start = head * perHead + from * perToken;
      parts.set(array.subarray(start, start + length), head * length);
    }
    return parts;
  };
  return {
    tokens: to - from,
    kvHeads,
    groups: groups.map((layers) =>
      layers.map(({ keys, values }) => ({ keys: cut(keys), values: cut(values) })),
    ),
    bytes: (bytes / tokens) * (to - from),
  };
}
