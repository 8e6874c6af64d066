import type { GraphValue } from "../graph/graph.ts";
import type { DecoderConfig } from "../models/decoderConfig.ts";
import {
  groupedAttention,
  primitiveAttention,
  type AttentionForm,
  type AttentionNodes,
  type AttentionSettings,
  type CacheType,
} from "./attentionNodes.ts";
import type { CacheScales } from "./cacheScales.ts";
import { embedTokens } from "./embeddingForms.ts";
import type { LayerGroup } from "./layerGroups.ts";
import { linear, type LinearWeights, type QuantizedMatrix } from "./linearForms.ts";
import { ModelGraph, type FinishedModel, type GivenWeight } from "./modelGraph.ts";
import type { WeightFormats } from "./weightFormats.ts";
import { weightReader, type GiveWeight, type WeightSource } from "./weightReader.ts";

export interface DecodeGraphOptions {
  readonly config: DecoderConfig;
  readonly weights: WeightSource;
  /** Begins the name of each parameter but the head's. */
  readonly prefix: string;
  readonly formats: WeightFormats;
  /** Matrices in codes already, by their parameter's name. */
  readonly quantized: ReadonlyMap<string, QuantizedMatrix>;
  readonly attention: AttentionForm;
  readonly cacheType: CacheType;
  /** Of an int8 cache. */
  readonly cacheScales?: CacheScales | undefined;
  readonly groups: readonly LayerGroup[];
  /** Whether float weights are inputs, read anew in each run. */
  readonly bound: boolean;
  /** Whether some tokens may come as embeddings, such as those of a picture. */
  readonly takesEmbeddings: boolean;
}

/**
 * The model that computes logits of some tokens and adds all to the cache.
 *
 * Inputs: `tokens` int32 `[rows, tokens]`; `cos`, `sin` and `places`, see `RotationInputs`;
 * with `takesEmbeddings`, `replaced` int32 `[pieces, 2]`, rows and tokens that have
 * `replacements` `[pieces, hidden_size]` for embeddings;
 * `logitsAt` int32 `[count]`, tokens whose logits are wanted, counted through all rows; for each
 * layer `keys.i` and `values.i`; for each group of layers what its attention takes. Outputs:
 * `logits` `[count, vocab_size]`, then each layer's keys and values.
 *
 * @throws {RangeError} when a weight is missing or has another shape than the settings say
 */
export function decodeGraph(options: DecodeGraphOptions): FinishedModel {
  const { config, groups, prefix, formats } = options;
  const graph = new ModelGraph();
  const given = weightReader("a decoder", options.weights);
  const tokens = graph.input("tokens", "int32", ["rows", "tokens"]);
  const attend = attentionOf(graph, options);
  const embedding = given(`${prefix}.embed_tokens.weight`, [config.vocab_size, config.hidden_size]);
  let hidden = embedTokens(
    graph,
    tokens,
    { weight: embedding, quantized: options.quantized.get(embedding.name) },
    formats.embedding,
  );
  if (options.takesEmbeddings) hidden = withReplacements(graph, hidden, config);
  const caches: { keys: GraphValue; values: GraphValue }[] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const group = groups.findIndex(({ layers }) => layers.includes(layer));
    const built = layerNodes(graph, options, given, layer, hidden, attend[group]!);
    hidden = built.hidden;
    caches.push(built);
  }
  const logitsAt = graph.input("logitsAt", "int32", ["count"]);
  const flat = graph.node("Reshape", [hidden, graph.integers(-1, config.hidden_size)]);
  const chosen = graph.node("Gather", [flat, logitsAt], { axis: 0 });
  const normed = rmsNorm(
    graph,
    chosen,
    given(`${prefix}.norm.weight`, [config.hidden_size]),
    config,
  );
  const head = headWeights(options, given, embedding);
  graph.output("logits", linear(graph, normed, head, formats.head), ["count", config.vocab_size]);
  const cache = ["rows", config.num_key_value_heads, "capacity", config.head_dim];
  for (const [i, { keys, values }] of caches.entries()) {
    graph.output(`newKeys.${i}`, keys, cache);
    graph.output(`newValues.${i}`, values, cache);
  }
  return graph.finish(options.bound);
}

function withReplacements(
  graph: ModelGraph,
  embedded: GraphValue,
  { hidden_size }: Pick<DecoderConfig, "hidden_size">,
): GraphValue {
  const replaced = graph.input("replaced", "int32", ["pieces", 2]);
  const replacements = graph.input("replacements", "float32", ["pieces", hidden_size]);
  const at = graph.cast(replaced, "int64");
  return graph.node("ScatterND", [embedded, at, replacements]);
}

/** A tied head is the table of embeddings. */
function headWeights(
  { config, quantized }: DecodeGraphOptions,
  given: GiveWeight,
  embedding: GivenWeight,
): LinearWeights {
  const weight = config.tie_word_embeddings
    ? embedding
    : given("lm_head.weight", [config.vocab_size, config.hidden_size]);
  return { weight, quantized: quantized.get("lm_head.weight") ?? quantized.get(weight.name) };
}

function attentionOf(graph: ModelGraph, options: DecodeGraphOptions): AttentionNodes[] {
  const { config, attention, cacheType, groups } = options;
  const half = config.head_dim / 2;
  const rotation = {
    cos: graph.input("cos", "float32", ["places", half]),
    sin: graph.input("sin", "float32", ["places", half]),
    places: graph.input("places", "int32", ["rows", "tokens"]),
  };
  const settings: AttentionSettings = { config, cacheType };
  return groups.map((group, i) =>
    attention === "grouped"
      ? groupedAttention(graph, settings, group, String(i), rotation)
      : primitiveAttention(graph, settings, String(i), rotation),
  );
}

function layerNodes(
  graph: ModelGraph,
  { config, prefix, formats, quantized, ...options }: DecodeGraphOptions,
  given: GiveWeight,
  layer: number,
  x: GraphValue,
  attend: AttentionNodes,
): { hidden: GraphValue; keys: GraphValue; values: GraphValue } {
  const { hidden_size: features, intermediate_size: wide, head_dim } = config;
  const [heads, kvHeads] = [config.num_attention_heads, config.num_key_value_heads];
  const at = `${prefix}.layers.${layer}`;
  const project = (
    from: GraphValue,
    name: string,
    outputs: number,
    inputs: number,
    hasBias: boolean,
  ): GraphValue => {
    const weight = given(`${at}.${name}.weight`, [outputs, inputs]);
    const bias = hasBias ? given(`${at}.${name}.bias`, [outputs]) : undefined;
    const matrix = { weight, bias, quantized: quantized.get(weight.name) };
    return linear(graph, from, matrix, formats.layers);
  };
  const norm = (from: GraphValue, name: string): GraphValue =>
    rmsNorm(graph, from, given(`${at}.${name}.weight`, [features]), config);

  const normed = norm(x, "input_layernorm");
  const shape = ["rows", kvHeads, "capacity", head_dim];
  const scales = options.cacheScales?.[layer];
  const scaleOf = (values?: Float32Array): GraphValue | undefined =>
    values && graph.constant("float32", values, [1, kvHeads, 1, head_dim]);
  const { output, keys, values } = attend({
    query: project(normed, "self_attn.q_proj", heads * head_dim, features, config.qkv_bias),
    key: project(normed, "self_attn.k_proj", kvHeads * head_dim, features, config.qkv_bias),
    value: project(normed, "self_attn.v_proj", kvHeads * head_dim, features, config.qkv_bias),
    pastKeys: graph.input(`keys.${layer}`, options.cacheType, shape),
    pastValues: graph.input(`values.${layer}`, options.cacheType, shape),
    keyScales: scaleOf(scales?.keys),
    valueScales: scaleOf(scales?.values),
  });
  const attended = graph.node("Add", [
    x,
    project(output, "self_attn.o_proj", features, heads * head_dim, config.output_bias),
  ]);
  const normed2 = norm(attended, "post_attention_layernorm");
  const gate = project(normed2, "mlp.gate_proj", wide, features, config.mlp_bias);
  const up = project(normed2, "mlp.up_proj", wide, features, config.mlp_bias);
  const silu = graph.microsoft("QuickGelu", [gate], { alpha: { float: 1 } });
  const gated = graph.node("Mul", [silu, up]);
  const down = project(gated, "mlp.down_proj", features, wide, config.mlp_bias);
  return { hidden: graph.node("Add", [attended, down]), keys, values };
}

function rmsNorm(
  graph: ModelGraph,
  x: GraphValue,
  weight: GivenWeight,
  { rms_norm_eps }: Pick<DecoderConfig, "rms_norm_eps">,
): GraphValue {
  const attributes = { axis: -1, epsilon: { float: rms_norm_eps }, stash_type: 1 };
  return graph.node("SimplifiedLayerNormalization", [x, graph.weight(weight)], attributes);
}
