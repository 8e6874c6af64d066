import { hostTensor, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { attention } from "../../../framework/nn/attention.ts";
import { normal } from "../../../framework/nn/initializers.ts";
import { embedding, layerNorm, linear, type Layer } from "../../../framework/nn/layers.ts";
import { gelu, meanSoftmaxCrossEntropy } from "../../../framework/nn/ops/index.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { trainingStep } from "../trainingStep.ts";
import type { Workload } from "../workload.ts";

const config = { layers: 6, features: 384, heads: 6, tokens: 256, vocabulary: 2048 };
const batch = 8;

export const transformer: Workload = {
  name: "transformer",
  title: "Decoder, 6 layers of 384, 8 x 256 tokens of 2,048 words",
  group: "training",
  pairs: 15,
  prepare(options) {
    const scope = new ParameterScope({ seed: 1 });
    const logits = decoder(scope);
    const problem = {
      peerModel: "transformer",
      config,
      parameters: scope.parameters,
      inputs: inputsFor(),
      numbers: {},
    } as const;
    return trainingStep(
      {
        ...problem,
        loss: ({ ids, next }) => meanSoftmaxCrossEntropy(logits(ids!), next!),
      },
      options,
    );
  },
};

/** Ids `[batch, tokens]` to logits `[batch, tokens, vocabulary]`; norms come first, as in GPT-2. */
function decoder(scope: ParameterScope): Layer {
  const { layers, features, heads, tokens, vocabulary } = config;
  const words = embedding(scope.at("words"), vocabulary, features);
  const positions = scope.parameter("positions", [tokens, features], normal(0.02));
  const blocks = Array.from({ length: layers }, (_, i) =>
    block(scope.at(`blocks.${i}`), features, heads),
  );
  const norm = layerNorm(scope.at("norm"), features);
  const head = linear(scope.at("head"), features, vocabulary, { bias: false });
  return (ids) => {
    const start = words(ids).add(positions);
    return head(norm(blocks.reduce((x, next) => next(x), start)));
  };
}

function block(scope: ParameterScope, features: number, heads: number): Layer {
  const norm1 = layerNorm(scope.at("norm1"), features);
  const attend = attention(scope.at("attention"), { features, heads, causal: true });
  const norm2 = layerNorm(scope.at("norm2"), features);
  const widen = linear(scope.at("widen"), features, 4 * features);
  const narrow = linear(scope.at("narrow"), 4 * features, features);
  return (x) => {
    const seen = x.add(attend(norm1(x)));
    return seen.add(narrow(gelu(widen(norm2(seen)))));
  };
}

function inputsFor(): HostBatch {
  const random = new RandomStream(1, "inputs");
  const draw = (): HostBatch[string] => {
    const shape = [batch, config.tokens];
    const ids = Int32Array.from({ length: batch * config.tokens }, () =>
      random.integer(config.vocabulary),
    );
    return hostTensor(ids, shape);
  };
  return { ids: draw(), next: draw() };
}
