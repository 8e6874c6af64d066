import * as tf from "@tensorflow/tfjs";
import { layers, ops, ParameterScope } from "seedbed";

/** Of the first position embeddings, as GPT-2's. */
const positionDeviation = 0.02;

export interface TransformerOptions {
  /** Number of different characters. */
  characters: number;
  /** Longest text that the model sees at once. */
  context: number;
  features: number;
  heads: number;
  blocks: number;
  /** Null leaves the parameters at zero, for a look at the shapes alone. */
  seed: number | null;
}

/** A decoder-only transformer. */
export interface Transformer {
  readonly parameters: Map<string, tf.Variable>;
  /** int32 ids `[batch, tokens]` to `[batch, tokens, characters]`: what comes after each. */
  logits(ids: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/**
 * As GPT-2, Radford et al. 2019: positions are learnt, normalisation comes before each branch. The
 * head has weights of its own.
 *
 * @throws {RangeError} when `heads` does not divide `features`
 */
export function createTransformer(options: TransformerOptions): Transformer {
  const { characters, context, features, heads, blocks, seed } = options;
  if (features % heads !== 0) {
    throw new RangeError(
      `Cannot build a transformer: ${heads} heads do not divide ${features} features`,
    );
  }
  const root = new ParameterScope({ seed });
  const embed = layers.embedding(root.at("characters"), characters, features);
  const places = root.parameter("positions", [context, features], (random, size) =>
    random.normals(size).map((value) => positionDeviation * value),
  );
  const apply = Array.from({ length: blocks }, (_, i) =>
    block(root.at(`blocks.${i}`), features, heads),
  );
  const norm = layers.layerNorm(root.at("norm"), features);
  const head = layers.linear(root.at("head"), features, characters, { bias: false });
  return {
    parameters: root.parameters,
    logits: (ids) =>
      tf.tidy(() => {
        const positions = places.slice([0], [ids.shape[1]!]);
        return head(norm(apply.reduce((x, each) => each(x), embed(ids).add(positions))));
      }),
    dispose: () => tf.dispose([...root.parameters.values()]),
  };
}

function block(scope: ParameterScope, features: number, heads: number): layers.Layer {
  const norm1 = layers.layerNorm(scope.at("norm1"), features);
  const attend = selfAttention(scope.at("attention"), features, heads);
  const norm2 = layers.layerNorm(scope.at("norm2"), features);
  const widen = layers.linear(scope.at("widen"), features, 4 * features);
  const narrow = layers.linear(scope.at("narrow"), 4 * features, features);
  return (x) => {
    const attended = x.add(attend(norm1(x)));
    return attended.add(narrow(ops.gelu(widen(norm2(attended)))));
  };
}

/** Each character looks at itself and those before it. */
function selfAttention(scope: ParameterScope, features: number, heads: number): layers.Layer {
  const projections = ["q", "k", "v"].map((name) =>
    layers.linear(scope.at(name), features, features),
  );
  const out = layers.linear(scope.at("out"), features, features);
  const width = features / heads;
  return (x) => {
    const [batch = 1, tokens = 1] = x.shape;
    const split = (all: tf.Tensor): tf.Tensor =>
      all.reshape([batch, tokens, heads, width]).transpose([0, 2, 1, 3]);
    const [q, k, v] = projections.map((project) => split(project(x)));
    const mixed = ops.attention(q!, k!, v!, { scale: 1 / Math.sqrt(width), causal: true });
    return out(mixed.transpose([0, 2, 1, 3]).reshape(x.shape));
  };
}
