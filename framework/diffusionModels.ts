/** @file Public names around diffusion models: what they are made of, adapted, sampled and trained by. */

// models
export {
  AutoencoderKl,
  klDivergence,
  sampleLatents,
  type AutoencoderKlConfig,
  type LatentDistribution,
} from "./models/autoencoderKl.ts";
export {
  ClipTextEncoder,
  type ClipTextEncoderConfig,
  type ClipTextOutput,
} from "./models/clipTextEncoder.ts";
export {
  ClipVisionEncoder,
  type ClipVisionEncoderConfig,
  type ClipVisionOutput,
} from "./models/clipVisionEncoder.ts";
export { decodeTiled, encodeTiled, type TiledOptions } from "./models/tiledAutoencoder.ts";
export { Unet, type UnetForwardOptions } from "./models/unet.ts";
export type { UnetConfig } from "./models/unetConfig.ts";

// adapters
export type { AdaptedModels } from "./adapters/adaptedModels.ts";
export {
  mergeLearnedEmbeddings,
  readLearnedEmbeddings,
  writeLearnedEmbeddings,
  type LearnedEmbeddings,
  type ReadLearnedEmbeddingsOptions,
} from "./adapters/learnedEmbeddings.ts";
export { LearnedTokenizer } from "./adapters/learnedTokenizer.ts";
export {
  addLearnedTokens,
  newTokenEmbedding,
  type LearnedTokens,
  type NewTokenOptions,
  type TextModel,
} from "./adapters/learnedTokens.ts";
export {
  addLora,
  addLoraLayers,
  attentionProjections,
  type Lora,
  type LoraLayers,
  type LoraOptions,
} from "./adapters/lora.ts";
export { loraProperties, type LoraProperties } from "./adapters/loraProperties.ts";
export { readLora, readLoraLayers, writeLora, type ReadLoraOptions } from "./adapters/loraFile.ts";
export type { LoraFactors } from "./adapters/loraLayer.ts";
export { mergedWeights, mergeLora, type LoraMerge } from "./adapters/loraMerge.ts";
export type { ScaledLora } from "./adapters/parseLora.ts";
export {
  peftPrefix,
  readPeftAdapter,
  writePeftAdapter,
  type PeftAdapter,
  type WritePeftAdapterOptions,
} from "./adapters/peftAdapter.ts";

// diffusion
export {
  createDenoising,
  type Denoising,
  type DenoisingLosses,
  type DenoisingOptions,
} from "./diffusion/denoising.ts";
export { elboWeights } from "./diffusion/elboWeights.ts";
export { elementLosses, type ElementLoss, type LossType } from "./diffusion/elementLosses.ts";
export { addNoise, velocity } from "./diffusion/forwardProcess.ts";
export { classifierFreeGuidance, rescaleGuidance } from "./diffusion/guidance.ts";
export { huberDeltas, type HuberSchedule } from "./diffusion/huberDeltas.ts";
export { imageNoise } from "./diffusion/imageNoise.ts";
export { lossMask, type LossMaskOptions } from "./diffusion/lossMask.ts";
export { createNoiseSchedule, type NoiseSchedule } from "./diffusion/noiseSchedule.ts";
export { createSampler } from "./diffusion/samplers/createSampler.ts";
export { planSampling, stepsToSkip } from "./diffusion/samplers/planSampling.ts";
export type {
  Predict,
  Sampler,
  SampleProgress,
  SampleRequest,
  SamplerOptions,
  StartImage,
} from "./diffusion/samplers/sampler.ts";
export { latentsLevel, type SamplerPlan } from "./diffusion/samplers/samplerPlan.ts";
export { describeSampler, samplerNames, withNamedSampler } from "./diffusion/samplerNames.ts";
export { schedulerClassNames, type SchedulerClass } from "./diffusion/schedulerClasses.ts";
export {
  readSchedulerConfig,
  retrainedScheduler,
  schedulerConfigJson,
  stableDiffusionSchedule,
  withSampler,
  type PredictionType,
  type Retraining,
  type SchedulerConfig,
} from "./diffusion/schedulerConfig.ts";
export { minSnrWeights, signalToNoise } from "./diffusion/signalToNoise.ts";
export { loadClip, type Clip } from "./pipelines/loadClip.ts";
export {
  loadAutoencoder,
  loadPipeline,
  loadTextEncoder,
  loadUnet,
  openPipeline,
  type LoadModelOptions,
  type LoadPipelineOptions,
} from "./pipelines/loadPipeline.ts";
export {
  disposePipeline,
  savePipeline,
  type ConfiguredModel,
  type PipelineComponents,
} from "./pipelines/pipelineComponents.ts";
export {
  promptEncoder,
  type PromptEncoder,
  type PromptEncoderOptions,
} from "./pipelines/promptEncoder.ts";
export type { StartPicture } from "./pipelines/startPicture.ts";
export {
  textToImage,
  type GeneratedImage,
  type TextToImage,
  type TextToImageOptions,
} from "./pipelines/textToImage.ts";
export type { GenerateRequest } from "./pipelines/generateRequest.ts";
