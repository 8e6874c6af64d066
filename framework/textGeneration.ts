/** @module Text generation on ONNX Runtime, for the public surface. */

export { measureCacheScales } from "./decode/measureCacheScales.ts";
export type { CacheScales } from "./decode/cacheScales.ts";
export {
  DecodeEngine,
  type DecodeEngineOptions,
  type DecodeMemory,
  type FeedOptions,
  type Logits,
} from "./decode/decodeEngine.ts";
export type { Replacements } from "./decode/decodeModel.ts";
export { imageReplacements } from "./decode/imageReplacements.ts";
export { PictureEngine, type PictureEngineOptions } from "./decode/pictures/pictureEngine.ts";
export type { WeightSource } from "./decode/weightReader.ts";
export { generate, type Generation, type GenerationUsage } from "./decode/generation/generate.ts";
export { generateTokens } from "./decode/generation/generateTokens.ts";
export type {
  FinishReason,
  GeneratedToken,
  GenerateOptions,
  GenerationPrompt,
  GenerationTarget,
} from "./decode/generation/generation.ts";
export {
  Scheduler,
  SchedulerFullError,
  type ScheduledText,
  type SchedulerOptions,
  type SchedulerReport,
} from "./decode/generation/scheduler.ts";
export type { TokenLogProbability } from "./decode/generation/tokenChooser.ts";
export type { StreamingOptions } from "./decode/layerGroups.ts";
export type { BlockWeightFormat, QuantizedMatrix, WeightFormat } from "./decode/linearForms.ts";
export { PrefixCache, type PrefixCacheReport } from "./decode/prefixCache.ts";
export {
  dequantizeBlocks,
  packBlocks,
  roundToBlocks,
  unpackBlocks,
  type BlockFormat,
  type BlockQuantized,
  type PackedBlocks,
  type RoundBlocksOptions,
} from "./decode/quantization/blockQuantization.ts";
export {
  dequantizeChannels,
  packChannels,
  roundToChannels,
  type ChannelQuantized,
} from "./decode/quantization/channelQuantization.ts";
export { gptq, type GptqOptions } from "./decode/quantization/gptq.ts";
export {
  dequantize,
  isLayerMatrix,
  quantizeDecoder,
  quantizedEngineOptions,
  type QuantizedDecoder,
  type QuantizeDecoderOptions,
  type QuantizedEngineOptions,
} from "./decode/quantization/quantizeDecoder.ts";
export {
  isQuantizedFolder,
  quantizedFiles,
  quantizedWeightsFiles,
  readQuantizedFolder,
  readQuantizedPictures,
  writeQuantizedFolder,
  type QuantizedPictures,
} from "./decode/quantization/quantizedFolder.ts";
export {
  acceptance,
  drawToken,
  greedyProbabilities,
  type Probabilities,
} from "./decode/speculation/acceptance.ts";
export { PromptLookup, type PromptLookupOptions } from "./decode/speculation/promptLookup.ts";
export {
  SpeculativeDecoder,
  type SpeculationReport,
  type SpeculationTarget,
  type SpeculativeOptions,
} from "./decode/speculation/speculativeDecoder.ts";
export {
  weightFormats,
  type WeightFormatName,
  type WeightFormats,
} from "./decode/weightFormats.ts";
