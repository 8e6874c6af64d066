/** @file What the Trainer tells its listeners, and the order in which it does. */
import type * as tf from "@tensorflow/tfjs";

import type { HostBatch, HostTensor } from "../base/hostTensor.ts";
import type { CheckpointContent } from "./checkpointContent.ts";
import type { TrainerState } from "./trainerState.ts";

/** What a hook may return. */
export type HookResult = void | Promise<void>;

/** The batch that a hook is about; `state.batchIndex` says which one. */
export interface HookBatch {
  /** As the step takes it, with its random numbers. */
  readonly batch: HostBatch;
  /** Index of its loader among several, from 0. */
  readonly loaderIndex: number;
  /** What the step gave, by name; empty before it. */
  readonly outputs: Readonly<Record<string, number>>;
  /** What `predictStep` gave; empty elsewhere. */
  readonly predictions: Readonly<Record<string, HostTensor>>;
}

/** Gradients by parameter name; a hook may put another tensor in a gradient's place. */
export type Gradients = Map<string, tf.Tensor>;

/**
 * Hooks of callbacks and of modules. Each is optional and, where it may return a promise, is waited
 * for. `docs/lifecycle.md` has their order.
 *
 * `onBeforeBackward`, `onAfterBackward` and `onBeforeOptimizerStep` lie inside the step that is
 * compiled: they are recorded with it, once, and must neither read values nor wait. What they log
 * and how they change gradients then happens in every step.
 */
export interface Hooks {
  /** Before anything else; `state.task` says what is about to be done. */
  setup?(state: TrainerState): HookResult;
  /** Everything is in place, and restored when resuming. */
  onFitStart?(state: TrainerState): HookResult;
  /** Not called when there is nothing to train. */
  onTrainStart?(state: TrainerState): HookResult;
  /** Not called when training resumes inside an epoch. */
  onTrainEpochStart?(state: TrainerState): HookResult;
  /** Returning -1 leaves the rest of the epoch out, this batch and its validation included. */
  onTrainBatchStart?(state: TrainerState, batch: HookBatch): HookResult | -1 | Promise<-1>;
  /** At the first batch of an accumulation window; the buffers are zero. */
  onBeforeZeroGrad?(state: TrainerState): HookResult;
  /** In `16-mixed` the loss is multiplied by its scale. */
  onBeforeBackward?(state: TrainerState, loss: tf.Scalar): void;
  /** `gradients` are those of this batch of this worker, in `16-mixed` of the loss times its scale. */
  onAfterBackward?(state: TrainerState, gradients: Gradients): void;
  /**
   * In the step that ends with the update. `gradients` are summed over the window and the workers,
   * before clipping and before they are made a mean: `scale` is the factor that does it, undefined
   * is 1.
   */
  onBeforeOptimizerStep?(state: TrainerState, gradients: Gradients, scale?: tf.Scalar): void;
  onTrainBatchEnd?(state: TrainerState, batch: HookBatch): HookResult;
  /** Also called in the sanity check (`state.stage` is `sanity`), as the next five are. */
  onValidationStart?(state: TrainerState): HookResult;
  onValidationEpochStart?(state: TrainerState): HookResult;
  onValidationBatchStart?(state: TrainerState, batch: HookBatch): HookResult;
  onValidationBatchEnd?(state: TrainerState, batch: HookBatch): HookResult;
  /** All batches are done, their means are not in `state.metrics` yet. */
  onValidationEpochEnd?(state: TrainerState): HookResult;
  /** The means are in `state.metrics` and logged. */
  onValidationEnd?(state: TrainerState): HookResult;
  onTestStart?(state: TrainerState): HookResult;
  onTestEpochStart?(state: TrainerState): HookResult;
  onTestBatchStart?(state: TrainerState, batch: HookBatch): HookResult;
  onTestBatchEnd?(state: TrainerState, batch: HookBatch): HookResult;
  onTestEpochEnd?(state: TrainerState): HookResult;
  onTestEnd?(state: TrainerState): HookResult;
  onPredictStart?(state: TrainerState): HookResult;
  onPredictEpochStart?(state: TrainerState): HookResult;
  onPredictBatchStart?(state: TrainerState, batch: HookBatch): HookResult;
  onPredictBatchEnd?(state: TrainerState, batch: HookBatch): HookResult;
  onPredictEpochEnd?(state: TrainerState): HookResult;
  onPredictEnd?(state: TrainerState): HookResult;
  onTrainEpochEnd?(state: TrainerState): HookResult;
  onTrainEnd?(state: TrainerState): HookResult;
  onFitEnd?(state: TrainerState): HookResult;
  /** Always the last call, also after a failure: gives back tensors and files. */
  teardown?(state: TrainerState): HookResult;
  /** May add to `content.extra` before it is written. */
  onSaveCheckpoint?(state: TrainerState, content: CheckpointContent): HookResult;
  /** Sees what was read, before any state is restored. */
  onLoadCheckpoint?(state: TrainerState, content: CheckpointContent): HookResult;
}

export type EvaluationName = "Validation" | "Test" | "Predict";

/** Hooks that take the state alone. */
export type StateHook =
  | "setup"
  | `on${"Fit" | "Train" | EvaluationName}${"Start" | "End"}`
  | `on${"Train" | EvaluationName}Epoch${"Start" | "End"}`
  | "onBeforeZeroGrad";

/** Hooks that every listener gets, whatever others do in theirs. */
export type FinalHook = "onException" | "teardown";

/** Hooks of callbacks alone that take the state alone. */
export type CallbackHook = `on${"SanityCheck" | "Export"}${"Start" | "End"}`;

/** Hooks that are told of a batch. */
export type BatchHook = `on${"Train" | EvaluationName}Batch${"Start" | "End"}`;

/** Hooks that are recorded with the step. */
export type GradientHook = "onAfterBackward" | "onBeforeOptimizerStep";

/** Hooks that are told of a checkpoint. */
export type CheckpointHook = `on${"Save" | "Load"}Checkpoint`;
