/** @module The public surface. Experiments and callbacks import from here and nowhere deeper. */

// base
export { writeFileAtomic } from "./base/atomicFile.ts";
export { byteCountPattern, parseByteCount } from "./base/byteCount.ts";
export {
  runEagerly,
  type Compile,
  type CompiledFunction,
  type CompileOptions,
} from "./base/compile.ts";
export { InputError, SpecError } from "./base/errors.ts";
export { firstBytes } from "./base/firstBytes.ts";
export { formatDuration } from "./base/formatDuration.ts";
export { hashFiles } from "./base/hashFiles.ts";
export {
  hostTensor,
  toTensor,
  toTensors,
  type HostBatch,
  type HostTensor,
} from "./base/hostTensor.ts";
export {
  everySchema,
  hasPassed,
  intervalSchema,
  isDue,
  parseInterval,
  readEvery,
  type Interval,
  type IntervalCounters,
  type IntervalUnit,
} from "./base/interval.ts";
export { readOptions, type OptionsSchema } from "./base/options.ts";
export { meanAndDeviation, type MeanAndDeviation } from "./base/meanAndDeviation.ts";
export { isOutOfMemory } from "./base/outOfMemory.ts";
export type { MixedPrecision, Precision } from "./base/precision.ts";
export {
  canRewrite,
  progressLine,
  type ProgressLine,
  type ProgressLineOptions,
  type ProgressOutput,
} from "./base/progressLine.ts";
export { hash32, RandomStream } from "./base/random.ts";
export { describeShape, sameShape, sizeOf } from "./base/shape.ts";
export { sharedParameters, sharedValues } from "./base/sharedValues.ts";
export { isJsonObject, parseJson, type JsonObject, type JsonValue } from "./base/json.ts";
export { nearest, suggest } from "./base/nearest.ts";
export { textTable } from "./base/textTable.ts";

// workers that train together
export { ConnectedWorld } from "./distributed/connectedWorld.ts";
export { connectMpi, type MpiWorld } from "./distributed/connectMpi.ts";
export { findLaunch, type Launch } from "./distributed/launcher.ts";
export type { Transport } from "./distributed/transport.ts";
export { WorkerError, type WorkerProblem } from "./distributed/workerError.ts";
export {
  broadcastText,
  gatherNumbers,
  rankZeroFirst,
  singleProcess,
  type World,
} from "./distributed/world.ts";

// specs
export { readSection, type ExperimentSpec, type NamedSpec } from "./spec/experimentSpec.ts";
export type { JsonSchema } from "./spec/jsonSchema.ts";
export type { LoggersSpec, TrackingSpec, WandbSpec } from "./spec/trackingSpec.ts";
export type { TrainerSpec } from "./spec/trainerSpec.ts";

// runs, what is known of them, reports
export * from "./recordedRuns.ts";

// optimizers, clipping, learning-rate schedules, loss scaling
export { clipGradients, type ClipAlgorithm, type ClippedGradients } from "./optim/clipping.ts";
export {
  defaultLossScaleOptions,
  initialLossScale,
  nextLossScale,
  type LossScale,
  type LossScaleOptions,
} from "./optim/lossScale.ts";
export {
  createLrSchedule,
  createLrScheduleConfig,
  lrSchedules,
  type ScheduleLimits,
} from "./optim/lrSchedules/index.ts";
export type { LrSchedule, LrScheduleConfig, MetricLrSchedule } from "./optim/lrSchedule.ts";
export { countPruned, pruneSmallest, type MaskedWeights } from "./optim/magnitudePruning.ts";
export type { NamedLearningRate, Optimizer } from "./optim/optimizer.ts";
export { createOptimizer, optimizers } from "./optim/optimizers/index.ts";
export { parameterGroups, type ParameterGroup } from "./optim/optimizers/parameterGroups.ts";

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
export { assistantMask, type TurnMarks } from "./data/assistantMask.ts";
export { bucketedOrder, type BucketedOptions } from "./data/bucketedOrder.ts";
export { cachedDataset, type CacheOptions } from "./data/cachedDataset.ts";
export { clipPreprocessing } from "./data/clipPreprocessing.ts";
export { combineLoaders, type CombineMode } from "./data/combineLoaders.ts";
export {
  arrayLoader,
  createLoader,
  type Collate,
  type LoaderOptions,
} from "./data/createLoader.ts";
export { coverImage } from "./data/coverImage.ts";
export { hasBatch, type DataLoader, type Shard } from "./data/dataLoader.ts";
export type { DataLoaders, DataModule, DataStage } from "./data/dataModule.ts";
export { mapDataset, type Dataset, type Example } from "./data/dataset.ts";
export { distributedOrder, type DistributedOptions } from "./data/distributedOrder.ts";
export {
  balancedWeights,
  sequentialOrder,
  shuffledOrder,
  weightedOrder,
  type EpochOrder,
} from "./data/epochOrder.ts";
export { groupedOrder, type GroupedOptions } from "./data/groupedOrder.ts";
export {
  compositeOn,
  cropCenter,
  cropImage,
  cropSquare,
  decodeImage,
  encodePng,
  hasTransparency,
  listImages,
  readImage,
  readImageInfo,
  readImages,
  resizeImage,
  rgbaImage,
  rgbImage,
  type Image,
  type ImageFolder,
  type ImageInfo,
  type Rgb,
  type RgbaImage,
  type RgbImage,
} from "./data/image.ts";
export { imageGrid, type ImageGridOptions } from "./data/imageGrid.ts";
export { imagesToTensor, tensorToImages } from "./data/imageTensors.ts";
export { mapIterable, type IterableDataset } from "./data/iterableDataset.ts";
export { iterableLoader, type IterableLoaderOptions } from "./data/iterableLoader.ts";
export { packDocuments, type Span } from "./data/packDocuments.ts";
export { packedDataset, type PackedOptions } from "./data/packedDataset.ts";
export { padCollate, type PadCollateOptions, type Padding } from "./data/padCollate.ts";
export { withPngText } from "./data/pngText.ts";
export { resamplePicture, type ResampleFilter } from "./data/resamplePicture.ts";
export { shardLoader } from "./data/shardLoader.ts";
export { concatBatches, splitBatch, stackExamples } from "./data/stackExamples.ts";
export { subsetOrder } from "./data/subsetOrder.ts";
export { tensorDataset } from "./data/tensorDataset.ts";
export {
  documentAt,
  documentStart,
  tokenDocuments,
  type TokenDocument,
  type TokenDocuments,
} from "./data/tokenDocuments.ts";
export * as transforms from "./data/transforms/index.ts";
export type { ImageSize } from "./data/transforms/imageSize.ts";
export type { ImageToImage, Transform } from "./data/transforms/transform.ts";
export { workerLoader, type WorkerLoaderOptions } from "./data/workerLoader.ts";

// weights and tokenizers
export { fromCompVis, toCompVis, type PerModel } from "./weights/names/compVis.ts";
export { fetchModel, type FetchModelOptions, type ModelKind } from "./weights/fetchModel.ts";
export { modelFiles } from "./weights/modelFiles.ts";
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
  type PipelineParts,
  type ReadWeightsOptions,
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
export { readSingleFile, type ReadSingleFileOptions } from "./weights/singleFile.ts";
export { openTorchCheckpoint, type TorchCheckpoint } from "./weights/torchCheckpoint.ts";
export { findWeights, openWeights } from "./weights/weightFiles.ts";
export { clipTokenizer } from "./tokenizers/clipTokenizer.ts";
export { bytesOfEntry } from "./tokenizers/byteAlphabet.ts";
export { loadTokenizer, tokenizerTexts } from "./tokenizers/loadTokenizer.ts";
export {
  pieceEncoder,
  reservedTokensOf,
  type PieceEncoderOptions,
} from "./tokenizers/pieceEncoder.ts";
export { promptChunks, type PromptChunk } from "./tokenizers/promptChunks.ts";
export { readPromptWeights, type WeightedText } from "./tokenizers/promptWeights.ts";
export { Tokenizer, type DecodeOptions, type EncodeOptions } from "./tokenizers/tokenizer.ts";
export type { TokenizerFiles } from "./tokenizers/tokenizerJson.ts";
export { trimTokenizer, type TrimmedTokenizer } from "./tokenizers/trimTokenizer.ts";
export {
  trainBytePairs,
  wordsApartPattern,
  type ReservedToken,
  type TrainBytePairsOptions,
} from "./tokenizers/trainBytePairs.ts";
export {
  splitWords,
  wordLevelTokenizer,
  type WordLevelOptions,
} from "./tokenizers/wordLevelTokenizer.ts";

// layers
export { checkpoint } from "./nn/checkpoint.ts";
export { countFlops } from "./nn/countFlops.ts";
export { gradientPasses, type AfterEarlierPasses, type Pass } from "./nn/gradientPasses.ts";
export { groupByLayer } from "./nn/groupByLayer.ts";
export * as layers from "./nn/layers.ts";
export {
  layerStatistics,
  type InputStatistics,
  type LayerStatisticsOptions,
} from "./nn/layerStatistics.ts";
export * as ops from "./nn/ops/index.ts";
export { wrapLayer, type LayerCalls, type LayerWrapper } from "./nn/layerWrappers.ts";
export {
  loadParameters,
  type LoadParametersOptions,
  type LoadReport,
} from "./nn/loadParameters.ts";
export { ParameterScope, type ParameterScopeOptions } from "./nn/parameterScope.ts";
export { readParameters } from "./nn/readParameters.ts";
export { selectLayers } from "./nn/selectLayers.ts";
export { stepFlops, type StepFlops } from "./nn/stepFlops.ts";

// models, adapters, diffusion
export * from "./diffusionModels.ts";

// language models
export * from "./languageModels.ts";

// text generation
export * from "./textGeneration.ts";

// requests and prices
export * from "./requestRouting.ts";

// training
export type { AccumulationChange, AccumulationSchedule } from "./training/accumulationSchedule.ts";
export type { Callback } from "./training/callback.ts";
export { openCheckpointTensors, readCheckpointContent } from "./training/checkpoint.ts";
export type { CheckpointContent, StoredContent } from "./training/checkpointContent.ts";
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
export { KeptCheckpoints, type KeptCheckpointsOptions } from "./training/keptCheckpoints.ts";
export { minDeltaOption, modeOption } from "./training/monitorOptions.ts";
export {
  improves,
  isBetter,
  MonitoredMetric,
  worstOf,
  type MonitorMode,
} from "./training/monitoredMetric.ts";
export { exchangeVariables } from "./training/exchangeVariables.ts";
export { findBatchSize, type FindBatchSizeOptions } from "./training/findBatchSize.ts";
export type { Gradients, HookBatch, Hooks } from "./training/hooks.ts";
export { hooksEvery } from "./training/hooksEvery.ts";
export { InterruptedError } from "./training/interruptedError.ts";
export { isDueEvery } from "./training/isDueEvery.ts";
export { requireTrainingStep } from "./training/lossModule.ts";
export type { LogOptions } from "./training/logOptions.ts";
export { restoreParameters } from "./training/restoreParameters.ts";
export {
  describeDifference,
  restoreWeights,
  type RestoreWeightsOptions,
  type WeightsDifference,
} from "./training/restoreWeights.ts";
export {
  searchBatchSize,
  type BatchSizeSearch,
  type BatchSizeSteps,
  type BatchSizeTrial,
  type FoundBatchSize,
  type MeasuredMachine,
} from "./training/searchBatchSize.ts";
export type { Ranking, SavedCheckpoint } from "./training/topCheckpoints.ts";
export { trainedSoFar } from "./training/trainedSoFar.ts";
export type { StagedGroup, StagedTraining } from "./training/stagedGroup.ts";
export type { ManualStepContext, StepContext, StepOptimizer } from "./training/stepContext.ts";
export {
  Trainer,
  type EvaluationData,
  type EvaluationOptions,
  type FitData,
  type FitDataModule,
  type FitResult,
  type Prediction,
  type TrainerOptions,
  type TrainerStatus,
} from "./training/trainer.ts";
export type { RunningOptimizer, Stage, Task, TrainerState } from "./training/trainerState.ts";
export type {
  BaseModule,
  BatchStage,
  GradientClipping,
  ManualTrainingModule,
  NamedVariables,
  OptimizerConfig,
  StepOutput,
  TrainingModule,
} from "./training/trainingModule.ts";
export type { TrialOptions, TrialStep, TrialWork } from "./training/trial.ts";
export { writeReport } from "./training/writeReport.ts";
export { exportFolder, exportSingleFile, type ExportDtype } from "./export/exportPipeline.ts";
export {
  findExportSource,
  type ExportSource,
  type FindExportSourceOptions,
} from "./export/exportSource.ts";
export {
  loadForExport,
  type LoadedForExport,
  type LoadForExportOptions,
} from "./export/loadForExport.ts";
export type { WhichWeights } from "./export/restorePipeline.ts";
export { layersModule, type LayersModuleOptions } from "./interop/layersModule.ts";
export { createOptimizerConfig } from "./experiment/createOptimizerConfig.ts";
export { readSections } from "./experiment/readSections.ts";
export { recordModel } from "./experiment/recordModel.ts";
export type {
  EvaluateContext,
  EvaluatedRun,
  EvaluateOptions,
  EvaluateProgress,
} from "./experiment/evaluation.ts";
export type { Experiment, ExperimentContext } from "./experiment/experiment.ts";
