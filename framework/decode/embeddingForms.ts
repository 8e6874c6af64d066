import type { GraphValue } from "../graph/graph.ts";
import { isBlocks, type LinearWeights } from "./linearForms.ts";
import type { ModelGraph } from "./modelGraph.ts";
import { blocksOf, packBlocks, roundToBlocks } from "./quantization/blockQuantization.ts";
import type { WeightFormats } from "./weightFormats.ts";

/** Rows of the table, `[rows, tokens, hidden_size]`. */
export function embedTokens(
  graph: ModelGraph,
  tokens: GraphValue,
  { weight: table, quantized }: Pick<LinearWeights, "weight" | "quantized">,
  format: WeightFormats["embedding"],
): GraphValue {
  if (format === "float32") return graph.node("Gather", [graph.weight(table), tokens]);
  const [words = 0, features = 0] = table.shape;
  const { bits, blockSize } = format;
  if (features % blockSize !== 0) {
    throw new RangeError(
      `Cannot quantize embeddings: expected blocks that divide their ${features} features, got ${blockSize}`,
    );
  }
  const isInCodes =
    isBlocks(quantized) &&
    !quantized.zeroPoints &&
    quantized.bits === bits &&
    quantized.blockSize === blockSize;
  const matrix = isInCodes
    ? quantized
    : roundToBlocks(table.values, words, features, { bits, blockSize });
  const { bytes } = packBlocks(matrix);
  return graph.microsoft(
    "GatherBlockQuantized",
    [
      graph.constant("uint8", bytes, [words, (features * bits) / 8]),
      tokens,
      graph.constant("float32", matrix.scales, [words, blocksOf(features, blockSize)]),
    ],
    { gather_axis: 0, quantize_axis: 1, block_size: blockSize, bits },
  );
}
