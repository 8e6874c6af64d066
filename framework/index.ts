/** @module The public surface. Experiments and callbacks import from here and nowhere deeper. */

// base
export { writeFileAtomic } from "./base/atomicFile.ts";
export { runEagerly, type Compile, type CompiledFunction } from "./base/compile.ts";
export { InputError, SpecError } from "./base/errors.ts";
export {
  hostTensor,
  toTensor,
  toTensors,
  type HostBatch,
  type HostTensor,
} from "./base/hostTensor.ts";
export {
  hasPassed,
  intervalSchema,
  isDue,
  parseInterval,
  type Interval,
  type IntervalCounters,
  type IntervalUnit,
} from "./base/interval.ts";
export { readOptions, type OptionsSchema } from "./base/options.ts";
export { hash32, RandomStream } from "./base/random.ts";
export { describeShape, sameShape, sizeOf } from "./base/shape.ts";

// specs
export {
  readSection,
  type ExperimentSpec,
  type LoggersSpec,
  type NamedSpec,
  type TrainerSpec,
  type WandbSpec,
} from "./spec/experimentSpec.ts";
export type { JsonSchema } from "./spec/jsonSchema.ts";

// runs and where their numbers go
export type { LoggedImage, Logger, LogPoint, RunOutcome, RunSummary } from "./tracking/logger.ts";
export {
  readMetrics,
  readRecords,
  type ImagesRecord,
  type MetricsRecord,
  type RunRecord,
  type TextRecord,
} from "./tracking/metricsFile.ts";
export type { Run } from "./tracking/run.ts";
export type { RunManifest, RunStatus } from "./tracking/runManifest.ts";
export { findRun, listRuns, readRun, type ListedRun, type StoredRun } from "./tracking/runStore.ts";

// optimizers and learning-rate schedules
export { createLrSchedule, lrSchedules } from "./optim/lrSchedules/index.ts";
export type { LrSchedule } from "./optim/lrSchedule.ts";
export { countPruned, pruneSmallest, type MaskedWeights } from "./optim/magnitudePruning.ts";
export type { Optimizer } from "./optim/optimizer.ts";
export { createOptimizer, optimizers } from "./optim/optimizers/index.ts";

// data
export {
  drawTransform,
  identityTransform,
  transformImage,
  visibleBounds,
  type AugmentationOptions,
  type Bounds,
  type ImageTransform,
} from "./data/augmentation.ts";
export {
  arrayLoader,
  concatBatches,
  createLoader,
  splitBatch,
  stackExamples,
  type Example,
  type LoaderOptions,
} from "./data/createLoader.ts";
export type { DataLoader } from "./data/dataLoader.ts";
export {
  balancedWeights,
  sequentialOrder,
  shuffledOrder,
  weightedOrder,
  type EpochOrder,
} from "./data/epochOrder.ts";
export {
  compositeOn,
  cropSquare,
  decodeImage,
  encodePng,
  hasTransparency,
  listImages,
  readImage,
  readImages,
  resizeImage,
  rgbaImage,
  rgbImage,
  type Image,
  type ImageFolder,
  type Rgb,
  type RgbaImage,
  type RgbImage,
} from "./data/image.ts";
export { imageGrid, type ImageGridOptions } from "./data/imageGrid.ts";
export { imagesToTensor, tensorToImages } from "./data/imageTensors.ts";

// weights and tokenizers
export {
  readPipelineComponent,
  readPipelineFolder,
  readTextFiles,
  writePipelineComponent,
  writePipelineFolder,
  type ComponentContent,
  type ComponentName,
  type PipelineComponent,
  type PipelineContent,
  type PipelineFolder,
  type TextFiles,
} from "./weights/pipelineFolder.ts";
export {
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
  type SafetensorsDtype,
  type StoredTensor,
  type WriteSafetensorsOptions,
} from "./weights/safetensors.ts";
export { clipTokenizer } from "./tokenizers/clipTokenizer.ts";
export { loadTokenizer, tokenizerTexts } from "./tokenizers/loadTokenizer.ts";
export { Tokenizer, type EncodeOptions } from "./tokenizers/tokenizer.ts";
export type { TokenizerFiles } from "./tokenizers/tokenizerJson.ts";
export {
  splitWords,
  wordLevelTokenizer,
  type WordLevelOptions,
} from "./tokenizers/wordLevelTokenizer.ts";

// layers and models
export { checkpoint } from "./nn/checkpoint.ts";
export * as layers from "./nn/layers.ts";
export * as ops from "./nn/ops/index.ts";
export { loadParameters, type LoadParametersOptions } from "./nn/loadParameters.ts";
export { ParameterScope, type ParameterScopeOptions } from "./nn/parameterScope.ts";
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
export { Unet, type UnetForwardOptions } from "./models/unet.ts";
export type { UnetConfig } from "./models/unetConfig.ts";

// diffusion
export {
  createDenoising,
  type Denoising,
  type DenoisingLosses,
  type DenoisingOptions,
} from "./diffusion/denoising.ts";
export { addNoise, velocity } from "./diffusion/forwardProcess.ts";
export { classifierFreeGuidance } from "./diffusion/guidance.ts";
export { imageNoise } from "./diffusion/imageNoise.ts";
export { createNoiseSchedule, type NoiseSchedule } from "./diffusion/noiseSchedule.ts";
export type {
  Predict,
  Sampler,
  SampleRequest,
  SamplerOptions,
} from "./diffusion/samplers/sampler.ts";
export * as samplers from "./diffusion/samplers/index.ts";
export {
  readSchedulerConfig,
  schedulerConfigJson,
  stableDiffusionSchedule,
  type PredictionType,
  type SchedulerConfig,
} from "./diffusion/schedulerConfig.ts";
export { minSnrWeights, signalToNoise } from "./diffusion/signalToNoise.ts";
export {
  disposePipeline,
  loadAutoencoder,
  loadTextEncoder,
  loadPipeline,
  readParameters,
  savePipeline,
  type ConfiguredModel,
  type PipelineComponents,
} from "./pipelines/pipelineComponents.ts";
export { textToImage, type GenerateRequest, type TextToImage } from "./pipelines/textToImage.ts";

// training
export type { Callback } from "./training/callback.ts";
export type { CheckpointContent, JsonObject, JsonValue } from "./training/checkpoint.ts";
export {
  checkpointName,
  discardCheckpoint,
  findLastCheckpoint,
  listCheckpoints,
  pointedCheckpoint,
  readPointer,
  writePointer,
  type CheckpointPointer,
} from "./training/checkpointFolder.ts";
export type { CheckpointRequest } from "./training/checkpointRequest.ts";
export { checkpointTemplate } from "./training/checkpointTemplate.ts";
export { InterruptedError } from "./training/interruptedError.ts";
export { KeptCheckpoints, type KeptCheckpointsOptions } from "./training/keptCheckpoints.ts";
export {
  isBetter,
  MonitoredMetric,
  worstOf,
  type MonitorMode,
} from "./training/monitoredMetric.ts";
export { restoreParameters } from "./training/restoreParameters.ts";
export { restoreWeights } from "./training/restoreWeights.ts";
export type { Ranking, SavedCheckpoint } from "./training/topCheckpoints.ts";
export { trainedSoFar } from "./training/trainedSoFar.ts";
export { Trainer, type FitData, type FitResult, type TrainerOptions } from "./training/trainer.ts";
export type { Stage, TrainerState } from "./training/trainerState.ts";
export type { NamedVariables, StepOutput, TrainingModule } from "./training/trainingModule.ts";
export type { Experiment, ExperimentContext } from "./experiment/experiment.ts";
