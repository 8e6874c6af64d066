/** @module The public surface. Experiments and callbacks import from here and nowhere deeper. */
export { runEagerly, type Compile, type CompiledFunction } from "./base/compile.ts";
export { InputError, SpecError } from "./base/errors.ts";
export {
  hostTensor,
  toTensor,
  toTensors,
  type HostBatch,
  type HostTensor,
} from "./base/hostTensor.ts";
export { readOptions, type OptionsSchema } from "./base/options.ts";
export { RandomStream } from "./base/random.ts";

export type { LoggedImage, Logger, LogPoint, RunOutcome } from "./tracking/logger.ts";

export { createLrSchedule, lrSchedules } from "./optim/lrSchedules/index.ts";
export type { LrSchedule } from "./optim/lrSchedule.ts";
export type { Optimizer } from "./optim/optimizer.ts";
export { createOptimizer, optimizers } from "./optim/optimizers/index.ts";

export type { DataLoader } from "./data/dataLoader.ts";

export type { Callback } from "./training/callback.ts";
export type { CheckpointContent, JsonObject, JsonValue } from "./training/checkpoint.ts";
export {
  checkpointName,
  findLastCheckpoint,
  listCheckpoints,
  pointedCheckpoint,
  readPointer,
  writePointer,
  type CheckpointPointer,
} from "./training/checkpointFolder.ts";
export { InterruptedError } from "./training/interruptedError.ts";
export { restoreParameters } from "./training/restoreParameters.ts";
export { Trainer, type FitData, type FitResult, type TrainerOptions } from "./training/trainer.ts";
export type { Stage, TrainerState } from "./training/trainerState.ts";
export type { NamedVariables, StepOutput, TrainingModule } from "./training/trainingModule.ts";

export { createDenoising, type Denoising, type DenoisingLosses } from "./diffusion/denoising.ts";
export { readSchedulerConfig, type SchedulerConfig } from "./diffusion/schedulerConfig.ts";
export {
  AutoencoderKl,
  klDivergence,
  sampleLatents,
  type LatentDistribution,
} from "./models/autoencoderKl.ts";
export { ClipTextEncoder } from "./models/clipTextEncoder.ts";
export { Unet } from "./models/unet.ts";
export {
  disposePipeline,
  loadAutoencoder,
  loadPipeline,
  readParameters,
  savePipeline,
  type ConfiguredModel,
  type PipelineComponents,
} from "./pipelines/pipelineComponents.ts";
export { textToImage, type GenerateRequest, type TextToImage } from "./pipelines/textToImage.ts";
export { Tokenizer } from "./tokenizers/tokenizer.ts";
export { tokenizerTexts } from "./tokenizers/loadTokenizer.ts";
export { wordLevelTokenizer } from "./tokenizers/wordLevelTokenizer.ts";
export {
  writePipelineComponent,
  readTextFiles,
  type TextFiles,
} from "./weights/pipelineFolder.ts";
export type { Experiment, ExperimentContext } from "./experiment/experiment.ts";
export type { ExperimentSpec } from "./spec/experimentSpec.ts";
export {
  createLoader,
  stackExamples,
  concatBatches,
  type Example,
  type LoaderOptions,
} from "./data/createLoader.ts";
export { sequentialOrder, shuffledOrder, type EpochOrder } from "./data/epochOrder.ts";
export {
  compositeOn,
  decodeImage,
  encodePng,
  listImages,
  readImage,
  readImages,
  resizeImage,
  rgbImage,
  rgbaImage,
  type Image,
  type Rgb,
  type RgbaImage,
  type RgbImage,
} from "./data/image.ts";
export { imageGrid, type ImageGridOptions } from "./data/imageGrid.ts";
export { imagesToTensor, tensorToImages } from "./data/imageTensors.ts";
