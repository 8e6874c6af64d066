/**
 * @file Public names around language models: what they are made of, loaded and trained by, and how a
 * small one learns from a large one.
 */

// layers
export {
  ropeFrequencies,
  type RopeConfig,
  type RopeFrequencies,
  type RopeScaling,
} from "./nn/rope/index.ts";
export {
  rotate,
  rotationAt,
  rotationFrom,
  rotationValues,
  type Rotation,
  type RotationValues,
} from "./nn/rotaryEmbedding.ts";

// models
export {
  Decoder,
  decoderParameterName,
  type DecoderInputs,
  type DecoderOptions,
  type DecoderOutput,
  type KeysAndValues,
} from "./models/decoder.ts";
export { readDecoderConfig, type DecoderConfig } from "./models/decoderConfig.ts";
export { checkInductionHeads, startInductionHeads } from "./models/inductionHeads.ts";
export { checkImageTokens, Idefics3, type Idefics3Inputs } from "./models/idefics3.ts";
export { readIdefics3Config, type Idefics3Config } from "./models/idefics3Config.ts";
export type { ImageFrames } from "./models/imageFrames.ts";
export { ignoredLabel, nextTokenLoss, nextTokens } from "./models/nextTokenLoss.ts";

export {
  loadPictureEncoder,
  PictureEncoder,
  pictureEncoderTensors,
  type ImageFeatures,
  type PictureInputs,
} from "./models/pictureEncoder.ts";
export { SiglipVisionEncoder, type SiglipOutput } from "./models/siglip.ts";
export type { SiglipConfig } from "./models/siglipConfig.ts";

// pictures for language models
export {
  idefics3Preprocessing,
  type PreparedPicture,
  type PreparePictureOptions,
} from "./data/idefics3Preprocessing.ts";
export {
  picturePrompt,
  type PictureGrid,
  type PicturePromptOptions,
} from "./tokenizers/picturePrompt.ts";

// conversations
export {
  ChatTemplate,
  loadChatTemplate,
  type ChatMessage,
  type RenderChatOptions,
} from "./tokenizers/chatTemplate.ts";

// generation
export * as logitsProcessors from "./decode/logitsProcessors/index.ts";
export type { LogitsProcessor } from "./decode/logitsProcessors/index.ts";
export { beamScorer, type BeamTarget } from "./decode/beamScorer.ts";
export { beamSearch, type BeamSearchOptions, type ScoreBeams } from "./decode/beamSearch.ts";

// constrained generation
export {
  Constraint,
  ConstrainedText,
  constraintProcessor,
  type ConstraintProcessorOptions,
} from "./constrained/constraint.ts";
export { ConstraintError } from "./constrained/constraintError.ts";
export { Expressions, type Expression } from "./constrained/expressions.ts";
export {
  callsOf,
  choiceOf,
  jsonOf,
  patternOf,
  type CallableFunction,
  type CallsOptions,
} from "./constrained/texts.ts";
export { constrainedVocabulary, type ConstrainedVocabulary } from "./constrained/vocabulary.ts";
export { tokenBytes } from "./tokenizers/tokenBytes.ts";

// folders
export { loadDecoder } from "./pipelines/loadDecoder.ts";
export { loadIdefics3 } from "./pipelines/loadIdefics3.ts";
export { saveModel } from "./pipelines/saveModel.ts";
export {
  readModelFolder,
  writeModelFolder,
  type ModelContent,
  type ModelFolder,
} from "./weights/modelFolder.ts";
export type { WriteShardedOptions } from "./weights/shardedSafetensors.ts";

// distillation
export {
  distillationLoss,
  divergenceNames,
  type DistillationLoss,
  type DistillationOptions,
  type DivergenceName,
} from "./distillation/distillationLoss.ts";
export { hiddenCosineDistance, hiddenSquaredError } from "./distillation/hiddenStates.ts";
export { meanOverLabels } from "./distillation/meanOverLabels.ts";
export { pickLogits, topKLogits, type TopKLogits } from "./distillation/topKLogits.ts";

// pruning
export { blockInfluence } from "./pruning/blockInfluence.ts";
export { decoderImportance, type DecoderImportance } from "./pruning/decoderImportance.ts";
export type { DecoderWeights, Kept } from "./pruning/decoderWeights.ts";
export { keepFeedForwardChannels } from "./pruning/keepFeedForwardChannels.ts";
export { keepHiddenChannels } from "./pruning/keepHiddenChannels.ts";
export { keepKeyValueGroups } from "./pruning/keepKeyValueGroups.ts";
export { keepLargest } from "./pruning/keepLargest.ts";
export { keepLayers } from "./pruning/keepLayers.ts";
export { keepVocabulary } from "./pruning/keepVocabulary.ts";
export {
  checkDecoderSizes,
  pruneDecoder,
  type DecoderSizes,
  type KeptParts,
} from "./pruning/pruneDecoder.ts";
