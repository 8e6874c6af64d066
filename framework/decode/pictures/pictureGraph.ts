import type { GraphValue } from "../../graph/graph.ts";
import type { Idefics3Config } from "../../models/idefics3Config.ts";
import { framePositions } from "../../models/patchPositions.ts";
import { linear } from "../linearForms.ts";
import { ModelGraph, type FinishedModel } from "../modelGraph.ts";
import { weightReader, type GiveWeight, type WeightSource } from "../weightReader.ts";

export interface PictureGraphOptions {
  readonly config: Idefics3Config;
  /** Features of the text's tokens. */
  readonly textFeatures: number;
  /** Of the frames, in pixels. */
  readonly side: number;
  readonly weights: WeightSource;
}

/**
 * What `PictureEncoder` computes of whole square frames, as a model of ONNX Runtime's own operators.
 *
 * Input: `pixels` `[frames, num_channels, side, side]`. Output: `features`
 * `[frames, tokensPerFrame(config, side), textFeatures]`.
 *
 * @throws {RangeError} when a weight is missing or has another shape than the settings say
 */
export function pictureGraph({
  config,
  textFeatures,
  side,
  weights,
}: PictureGraphOptions): FinishedModel {
  const { vision_config: vision, scale_factor } = config;
  const graph = new ModelGraph();
  const given = weightReader("what looks at pictures", weights);
  const pixels = graph.input("pixels", "float32", ["frames", vision.num_channels, side, side]);
  const tower = "model.vision_model";
  let hidden = embedPatches(graph, given, vision, pixels, side);
  for (let layer = 0; layer < vision.num_hidden_layers; layer++) {
    hidden = layerNodes(graph, given, vision, `${tower}.encoder.layers.${layer}`, hidden);
  }
  const normed = norm(graph, given, vision, `${tower}.post_layernorm`, hidden);
  const joined = joinPatches(graph, normed, side / vision.patch_size, scale_factor, vision);
  const name = "model.connector.modality_projection.proj.weight";
  const weight = given(name, [textFeatures, vision.hidden_size * scale_factor ** 2]);
  const features = linear(graph, joined, { weight }, "float32");
  const tokens = tokensPerFrame(config, side);
  graph.output("features", features, ["frames", tokens, textFeatures]);
  return graph.finish(false);
}

/**
 * Tokens of the text that a square frame becomes.
 *
 * @throws {RangeError} for a side in pixels that is no whole number of tokens, or too large
 */
export function tokensPerFrame(
  { vision_config: { patch_size, image_size }, scale_factor }: Idefics3Config,
  side: number,
): number {
  const tokens = side / patch_size / scale_factor;
  if (Number.isInteger(tokens) && side <= image_size) return tokens ** 2;
  throw new RangeError(
    `Cannot look at frames of ${side} pixels: expected a multiple of ${patch_size * scale_factor}, at most ${image_size}`,
  );
}

type VisionConfig = Idefics3Config["vision_config"];

function embedPatches(
  graph: ModelGraph,
  given: GiveWeight,
  { hidden_size, num_channels, patch_size, image_size }: VisionConfig,
  pixels: GraphValue,
  side: number,
): GraphValue {
  const at = "model.vision_model.embeddings";
  const kernel = [hidden_size, num_channels, patch_size, patch_size];
  const patches = graph.node(
    "Conv",
    [
      pixels,
      graph.weight(given(`${at}.patch_embedding.weight`, kernel)),
      graph.weight(given(`${at}.patch_embedding.bias`, [hidden_size])),
    ],
    { strides: [patch_size, patch_size], kernel_shape: [patch_size, patch_size] },
  );
  const listed = graph.node("Reshape", [patches, graph.integers(0, hidden_size, -1)]);
  const across = image_size / patch_size;
  const table = given(`${at}.position_embedding.weight`, [across ** 2, hidden_size]);
  const [rows, columns] = [side / patch_size, side / patch_size];
  const places = framePositions({ rows, columns, side: across });
  const positions = graph.node(
    "Gather",
    [graph.weight(table), graph.constant("int32", places, [places.length])],
    { axis: 0 },
  );
  return graph.node("Add", [graph.node("Transpose", [listed], { perm: [0, 2, 1] }), positions]);
}

function layerNodes(
  graph: ModelGraph,
  given: GiveWeight,
  config: VisionConfig,
  at: string,
  x: GraphValue,
): GraphValue {
  const { hidden_size: features, intermediate_size: wide, num_attention_heads } = config;
  const project = (from: GraphValue, name: string, outputs: number, inputs: number): GraphValue => {
    const weight = given(`${at}.${name}.weight`, [outputs, inputs]);
    const bias = given(`${at}.${name}.bias`, [outputs]);
    return linear(graph, from, { weight, bias }, "float32");
  };
  const normed = norm(graph, given, config, `${at}.layer_norm1`, x);
  const [query, key, value] = ["q", "k", "v"].map((name) =>
    project(normed, `self_attn.${name}_proj`, features, features),
  );
  const attention = graph.microsoft("MultiHeadAttention", [query, key, value], {
    num_heads: num_attention_heads,
  });
  const attended = graph.node("Add", [
    x,
    project(attention, "self_attn.out_proj", features, features),
  ]);
  const normed2 = norm(graph, given, config, `${at}.layer_norm2`, attended);
  const spread = project(normed2, "mlp.fc1", wide, features);
  const active = activation(graph, spread, config);
  return graph.node("Add", [attended, project(active, "mlp.fc2", features, wide)]);
}

function norm(
  graph: ModelGraph,
  given: GiveWeight,
  { hidden_size, layer_norm_eps }: VisionConfig,
  at: string,
  x: GraphValue,
): GraphValue {
  const [weight, bias] = ["weight", "bias"].map((part) =>
    graph.weight(given(`${at}.${part}`, [hidden_size])),
  );
  const attributes = { axis: -1, epsilon: { float: layer_norm_eps } };
  return graph.node("LayerNormalization", [x, weight, bias], attributes);
}

function activation(
  graph: ModelGraph,
  x: GraphValue,
  { hidden_act }: Pick<VisionConfig, "hidden_act">,
): GraphValue {
  if (hidden_act === "quick_gelu") {
    return graph.microsoft("QuickGelu", [x], { alpha: { float: 1.702 } });
  }
  return graph.node("Gelu", [x], { approximate: hidden_act === "gelu" ? "none" : "tanh" });
}

/** As `pixelShuffle`: each square of patches becomes one token. */
function joinPatches(
  graph: ModelGraph,
  x: GraphValue,
  side: number,
  factor: number,
  { hidden_size }: Pick<VisionConfig, "hidden_size">,
): GraphValue {
  const fewer = side / factor;
  const row = factor * hidden_size;
  const squares = graph.node("Reshape", [x, graph.integers(-1, fewer, factor, fewer, row)]);
  const sorted = graph.node("Transpose", [squares], { perm: [0, 1, 3, 2, 4] });
  return graph.node("Reshape", [sorted, graph.integers(-1, fewer ** 2, factor * row)]);
}
