import type * as tf from "@tensorflow/tfjs";

import type { CheckpointContent, JsonObject } from "./checkpoint.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import type { TrainerState } from "./trainerState.ts";

/** What a hook may return. */
export type HookResult = void | Promise<void>;

/**
 * What the Trainer tells its listeners. Every hook is optional and may be async; `docs/lifecycle.md`
 * has their order.
 */
export interface Callback {
  readonly name: string;
  /**
   * Decides the order of callbacks that listen to one hook: those without a kind first, then
   * `monitor` (reads metrics that others log), then `checkpoint`; within a kind, the order given.
   */
  readonly kind?: "monitor" | "checkpoint";
  /**
   * Name of this callback's state in checkpoints; it holds what tells two instances apart, such as
   * the monitored metric. Only callbacks that have it are saved.
   */
  readonly stateKey?: string;

  /** Before anything else; `state.task` tells a fit from a validation. */
  setup?(state: TrainerState): HookResult;
  /** Everything is in place, and restored when resuming. */
  onFitStart?(state: TrainerState): HookResult;
  onSanityCheckStart?(state: TrainerState): HookResult;
  onSanityCheckEnd?(state: TrainerState): HookResult;
  /** Not called when there is nothing to train. */
  onTrainStart?(state: TrainerState): HookResult;
  /** Not called when training resumes inside an epoch. */
  onTrainEpochStart?(state: TrainerState): HookResult;
  onTrainBatchStart?(state: TrainerState): HookResult;
  /**
   * Before the batch whose compiled step ends with the optimizer's update. Forward, backward and
   * update are one recorded function, so gradients cannot be seen here.
   */
  onBeforeOptimizerStep?(state: TrainerState): HookResult;
  onTrainBatchEnd?(state: TrainerState): HookResult;
  /** Also called in the sanity check (`state.stage` is `sanity`), as the next five are. */
  onValidationStart?(state: TrainerState): HookResult;
  onValidationEpochStart?(state: TrainerState): HookResult;
  onValidationBatchStart?(state: TrainerState): HookResult;
  onValidationBatchEnd?(state: TrainerState): HookResult;
  /** All batches are done, their means are not in `state.metrics` yet. */
  onValidationEpochEnd?(state: TrainerState): HookResult;
  /** The means are in `state.metrics` and logged. */
  onValidationEnd?(state: TrainerState): HookResult;
  onTrainEpochEnd?(state: TrainerState): HookResult;
  onTrainEnd?(state: TrainerState): HookResult;
  onFitEnd?(state: TrainerState): HookResult;
  /** The fit failed or was interrupted; must put back what another hook has swapped. */
  onException?(state: TrainerState, error: unknown): HookResult;
  /** Always the last call, also after a failure: gives back tensors and files. */
  teardown?(state: TrainerState): HookResult;

  /** Swaps in the weights to publish, until `onExportEnd`. */
  onExportStart?(state: TrainerState): HookResult;
  onExportEnd?(state: TrainerState): HookResult;

  /**
   * Asked once per optimizer step, when all hooks of the step are done: whether to save now.
   * Callbacks that say yes, or ask for the same name, share one checkpoint. What is decided here
   * is part of the state that is saved.
   */
  wantsCheckpoint?(
    state: TrainerState,
  ): boolean | CheckpointRequest | Promise<boolean | CheckpointRequest>;
  /**
   * All checkpoints of the step, and the pointer `last`, are durable. Called for each, with its
   * folder's name.
   */
  onCheckpointSaved?(state: TrainerState, name: string): HookResult;
  /** Whether this callback still needs a saved checkpoint; nobody may remove it then. */
  keepsCheckpoint?(name: string): boolean;
  /** May add to `content.extra` before it is written. */
  onSaveCheckpoint?(state: TrainerState, content: CheckpointContent): HookResult;
  /** Sees what was read, before any state is restored. */
  onLoadCheckpoint?(state: TrainerState, content: CheckpointContent): HookResult;
  /** This callback's state; numbers may be NaN or infinite. */
  stateDict?(): JsonObject;
  loadStateDict?(state: JsonObject): void;
  /** Tensors that belong to the state; loading assigns them before `loadStateDict`. */
  stateVariables?(): ReadonlyMap<string, tf.Variable>;
}

/** Hooks that take the state alone. */
export type Hook =
  | "setup"
  | "teardown"
  | `on${"Fit" | "SanityCheck" | "Train" | "Validation" | "Export"}${"Start" | "End"}`
  | `on${"Train" | "Validation"}${"Epoch" | "Batch"}${"Start" | "End"}`
  | "onBeforeOptimizerStep";

/** Calls one hook on every callback in order. */
export async function runHook(
  callbacks: readonly Callback[],
  hook: Hook,
  state: TrainerState,
): Promise<void> {
  await forEachCallback(callbacks, hook, (callback) => callback[hook]?.(state));
}

/** Calls `visit` for one callback after another; errors say whose and which hook it was. */
export async function forEachCallback(
  callbacks: readonly Callback[],
  hook: string,
  visit: (callback: Callback) => HookResult,
): Promise<void> {
  for (const callback of callbacks) {
    try {
      await visit(callback);
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot finish ${hook} of callback "${callback.name}": ${problem}`, {
        cause,
      });
    }
  }
}

/**
 * The order in which callbacks are called.
 *
 * @throws {RangeError} when two callbacks have one state key
 */
export function orderCallbacks(callbacks: readonly Callback[]): readonly Callback[] {
  const keys = new Set<string>();
  for (const { name, stateKey } of callbacks) {
    if (stateKey === undefined) continue;
    if (keys.has(stateKey)) {
      throw new RangeError(
        `Cannot use callback "${name}" twice with one state key: got "${stateKey}" two times`,
      );
    }
    keys.add(stateKey);
  }
  const rank = ({ kind }: Callback): number => ["monitor", "checkpoint"].indexOf(kind ?? "");
  return callbacks.toSorted((a, b) => rank(a) - rank(b));
}
