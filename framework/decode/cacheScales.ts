/** Scales of an int8 cache: for each layer, and each channel `[kvHeads, head_dim]`. */
export type CacheScales = readonly {
  readonly keys: Float32Array;
  readonly values: Float32Array;
}[];
