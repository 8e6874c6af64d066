import type { GraphValue } from "../graph/graph.ts";
import type { DecoderConfig } from "../models/decoderConfig.ts";
import { maskedWindow, type LayerGroup } from "./layerGroups.ts";
import type { ModelGraph } from "./modelGraph.ts";

/** Element type of cached keys and values. */
export type CacheType = "float32" | "int8";

/**
 * Who computes attention: ONNX Runtime's own operator, or products and a softmax, which take any
 * width of heads but copy what is cached in each run.
 */
export type AttentionForm = "grouped" | "primitive";

export interface AttentionSettings {
  readonly config: Pick<DecoderConfig, "num_attention_heads" | "num_key_value_heads" | "head_dim">;
  readonly cacheType: CacheType;
}

/** What one layer attends with. */
export interface AttentionInputs {
  /** `[rows, tokens, heads * head_dim]` */
  readonly query: GraphValue;
  /** `[rows, tokens, kvHeads * head_dim]` */
  readonly key: GraphValue;
  readonly value: GraphValue;
  /** `[rows, kvHeads, capacity, head_dim]`, the first tokens of which are filled. */
  readonly pastKeys: GraphValue;
  readonly pastValues: GraphValue;
  /** Largest magnitudes over 127, `[1, kvHeads, 1, head_dim]`, where the cache is in int8. */
  readonly keyScales?: GraphValue | undefined;
  readonly valueScales?: GraphValue | undefined;
}

/** The caches it gives are those it got, with the new tokens: bind both to one array. */
export interface AttentionOutputs {
  /** `[rows, tokens, heads * head_dim]` */
  readonly output: GraphValue;
  readonly keys: GraphValue;
  readonly values: GraphValue;
}

/** Attention of the layers of one group. */
export type AttentionNodes = (inputs: AttentionInputs) => AttentionOutputs;

/** Attention's inputs that all layers share: cosines and sines, and which of them is whose. */
export interface RotationInputs {
  /** `[places, head_dim / 2]` */
  readonly cos: GraphValue;
  readonly sin: GraphValue;
  /** int32 `[rows, tokens]`: a token's place in the two. */
  readonly places: GraphValue;
}

/** Whether ONNX Runtime's operator takes heads of this width, whose rotation it works on in 16s. */
export function hasGroupedForm({ head_dim }: Pick<DecoderConfig, "head_dim">): boolean {
  return head_dim % 16 === 0;
}

/**
 * One operator for rotation, cache and attention.
 *
 * Inputs of a group: `lengths` int32 `[rows]`, tokens in a row's cache afterwards, less one;
 * `total` int32 `[1]`, the most of them.
 */
export function groupedAttention(
  graph: ModelGraph,
  { config, cacheType }: AttentionSettings,
  group: LayerGroup,
  name: string,
  rotation: RotationInputs,
): AttentionNodes {
  const lengths = graph.input(`lengths.${name}`, "int32", ["rows"]);
  const total = graph.input(`total.${name}`, "int32", [1]);
  const places = graph.cast(rotation.places, "int64");
  const quantized = { k_quant_type: "PER_CHANNEL", v_quant_type: "PER_CHANNEL" };
  const attributes = {
    num_heads: config.num_attention_heads,
    kv_num_heads: config.num_key_value_heads,
    do_rotary: 1,
    local_window_size: maskedWindow(group) ?? -1,
    ...(cacheType === "int8" && { ...quantized, kv_cache_bit_width: 8 }),
  };
  return ({ query, key, value, pastKeys, pastValues, keyScales, valueScales }) => {
    const { cos, sin } = rotation;
    const inputs = [query, key, value, pastKeys, pastValues, lengths, total, cos, sin, places];
    const scales = keyScales && valueScales ? [undefined, undefined, keyScales, valueScales] : [];
    const types = ["float32", cacheType, cacheType] as const;
    const [output, keys, values] = graph.microsoftNodes(
      "GroupQueryAttention",
      [...inputs, ...scales],
      attributes,
      types,
    );
    return { output: output!, keys: keys!, values: values! };
  };
}

/**
 * Attention in ONNX's own operators.
 *
 * Inputs of a group: `slots` int32 `[rows, kvHeads, tokens, 3]`, where a new token goes in the
 * cache; `total` int32 `[1]`, tokens to look at; `mask` `[rows, 1, groups * tokens, total]`, added
 * to the scores of the query heads that share a key head, one after the other.
 */
export function primitiveAttention(
  graph: ModelGraph,
  { config }: AttentionSettings,
  name: string,
  rotation: RotationInputs,
): AttentionNodes {
  const { num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim } = config;
  const slots = graph.input(`slots.${name}`, "int32", ["rows", kvHeads, "tokens", 3]);
  const total = graph.input(`total.${name}`, "int32", [1]);
  const mask = graph.input(`mask.${name}`, "float32", ["rows", 1, "queries", "total"]);
  const at = graph.cast(slots, "int64");
  const rotate = rotationNodes(graph, rotation);
  const perHead = (x: GraphValue, count: number): GraphValue =>
    graph.node("Transpose", [graph.node("Reshape", [x, graph.integers(0, 0, count, head_dim)])], {
      perm: [0, 2, 1, 3],
    });
  const visible = (cache: GraphValue): GraphValue =>
    graph.node("Slice", [cache, graph.integers(0), total64, graph.integers(2)]);
  const total64 = graph.cast(total, "int64");
  return ({ query, key, value, pastKeys, pastValues }) => {
    const keys = graph.node("ScatterND", [pastKeys, at, rotate(perHead(key, kvHeads))]);
    const values = graph.node("ScatterND", [pastValues, at, perHead(value, kvHeads)]);
    const queries = graph.node("Reshape", [
      rotate(perHead(query, heads)),
      graph.integers(0, kvHeads, -1, head_dim),
    ]);
    const product = { transA: 0, transB: 1, alpha: { float: 1 / Math.sqrt(head_dim) } };
    const scores = graph.microsoft("FusedMatMul", [queries, visible(keys)], product);
    const shares = graph.node("Softmax", [graph.node("Add", [scores, mask])], { axis: -1 });
    const mixed = graph.node("MatMul", [shares, visible(values)]);
    const split = graph.node("Reshape", [mixed, graph.integers(0, heads, -1, head_dim)]);
    const turned = graph.node("Transpose", [split], { perm: [0, 2, 1, 3] });
    const output = graph.node("Reshape", [turned, graph.integers(0, 0, -1)]);
    return { output, keys, values };
  };
}

/** Turns pairs of features `(i, i + head_dim / 2)` of `[rows, heads, tokens, head_dim]`. */
function rotationNodes(
  graph: ModelGraph,
  { cos, sin, places }: RotationInputs,
): (x: GraphValue) => GraphValue {
  const [c, s] = [cos, sin].map((table) =>
    graph.node("Unsqueeze", [graph.node("Gather", [table, places]), graph.integers(1)]),
  );
  const times = (a: GraphValue, b: GraphValue): GraphValue => graph.node("Mul", [a, b]);
  return (x) => {
    const [left, right] = graph.split(x, 2, 3);
    const turned = [
      graph.node("Sub", [times(left!, c!), times(right!, s!)]),
      graph.node("Add", [times(right!, c!), times(left!, s!)]),
    ];
    return graph.node("Concat", turned, { axis: -1 });
  };
}
