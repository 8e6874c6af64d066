import type * as tf from "@tensorflow/tfjs";

import type { JsonObject } from "../base/json.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import type { HookResult, Hooks } from "./hooks.ts";
import { InterruptedError } from "./interruptedError.ts";
import type { TrainerState } from "./trainerState.ts";

/** A listener to the hooks, with state of its own. */
export interface Callback extends Hooks {
  readonly name: string;
  /**
   * Decides the order of callbacks that listen to one hook: `tuner` (decides a setting before
   * training), those without a kind, `monitor` (reads metrics that others log), `checkpoint`;
   * within a kind, the order given.
   */
  readonly kind?: "tuner" | "monitor" | "checkpoint";
  /** There may be no second one of its name. */
  readonly isOnly?: true;
  /** Names of callbacks of its kind that must come after it, since they take over what it leaves. */
  readonly precedes?: readonly string[];
  /**
   * Name of this callback's state in checkpoints; it holds what tells two instances apart, such as
   * the monitored metric. Only callbacks that have it are saved.
   */
  readonly stateKey?: string;

  onSanityCheckStart?(state: TrainerState): HookResult;
  onSanityCheckEnd?(state: TrainerState): HookResult;
  /** What was begun failed or was interrupted; must put back what another hook has swapped. */
  onException?(state: TrainerState, error: unknown): HookResult;

  /** Swaps in the weights to publish, until `onExportEnd`. */
  onExportStart?(state: TrainerState): HookResult;
  onExportEnd?(state: TrainerState): HookResult;

  /**
   * Asked once per optimizer step, when all hooks of the step are done: whether to save now.
   * Callbacks that say yes, or ask for the same name, share one checkpoint. What is decided here
   * is part of the state that is saved. Of several workers all ask, and what rank 0's callbacks want is done.
   */
  wantsCheckpoint?(
    state: TrainerState,
  ): boolean | CheckpointRequest | Promise<boolean | CheckpointRequest>;
  /**
   * All checkpoints of a step, and the pointer `last`, are durable. Called for each, with its
   * folder's name; some steps later when a thread has written them.
   */
  onCheckpointSaved?(state: TrainerState, name: string): HookResult;
  /** Whether this callback still needs a saved checkpoint; nobody may remove it then. */
  keepsCheckpoint?(name: string): boolean;
  /** This callback's state; numbers may be NaN or infinite. */
  stateDict?(): JsonObject;
  loadStateDict?(state: JsonObject): void;
  /** Tensors that belong to the state; loading assigns them before `loadStateDict`. */
  stateVariables?(): ReadonlyMap<string, tf.Variable>;
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
      throw hookError(hook, `callback "${callback.name}"`, cause);
    }
  }
}

/**
 * What to throw when a hook failed; an interruption stays one.
 *
 * @param owner whose hook it was, as text
 */
export function hookError(hook: string, owner: string, cause: unknown): Error {
  if (cause instanceof InterruptedError) return cause;
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot finish ${hook} of ${owner}: ${problem}`, { cause });
}

/**
 * The order in which callbacks are called.
 *
 * @throws {RangeError} when two callbacks have one state key, one comes after what it must precede,
 *   or there are two of which there may be one
 */
export function orderCallbacks(callbacks: readonly Callback[]): readonly Callback[] {
  checkTogether(callbacks);
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
  const kinds = ["tuner", undefined, "monitor", "checkpoint"];
  const rank = ({ kind }: Callback): number => kinds.indexOf(kind);
  return callbacks.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * The callbacks of a Trainer with those of a module, which come last within their kind and replace
 * those of their names.
 *
 * @param isTrial whether callbacks that have a kind are left out
 */
export function withModuleCallbacks(
  callbacks: readonly Callback[],
  own: readonly Callback[],
  isTrial: boolean,
): readonly Callback[] {
  const added = own.filter(({ kind }) => !isTrial || kind === undefined);
  const names = new Set(added.map(({ name }) => name));
  return orderCallbacks([...callbacks.filter(({ name }) => !names.has(name)), ...added]);
}

function checkTogether(callbacks: readonly Callback[]): void {
  for (const [i, { name, precedes = [], isOnly }] of callbacks.entries()) {
    if (isOnly && callbacks.findIndex((other) => other.name === name) < i) {
      throw new RangeError(`Cannot use callback "${name}" twice: expected one of them`);
    }
    const earlier = callbacks.slice(0, i).find((callback) => precedes.includes(callback.name));
    if (!earlier) continue;
    throw new RangeError(
      `Cannot use callback "${name}" after "${earlier.name}", which would take over what it has not changed yet; list "${name}" first`,
    );
  }
}
