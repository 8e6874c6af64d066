import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import { hash32 } from "../base/random.ts";
import { WorkerError } from "../distributed/workerError.ts";
import { broadcastText, gatherNumbers, type World } from "../distributed/world.ts";
import { agreeOnTime, timeNumbers } from "./agreedTime.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import type { FitState } from "./fitState.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { restoreWeights } from "./restoreWeights.ts";
import { isSharedFailure } from "./sharedFailure.ts";
import { assignVariables, readVariables } from "./variables.ts";

/**
 * Looks whether all workers are about to train alike.
 *
 * @throws {InputError} on all of them, naming the first that differs from rank 0
 */
export async function checkAlike(state: FitState, slots: readonly OptimizerSlot[]): Promise<void> {
  const { settings, progress, module, batchesPerEpoch } = state;
  if (settings.world.size === 1) return;
  const own: Record<string, unknown> = {
    "batches in an epoch": String(batchesPerEpoch),
    seed: settings.seed,
    accumulateGradBatches: settings.accumulateGradBatches,
    shardOptimizer: settings.shardOptimizer,
    optimizers: slots.map(({ name }) => name).join(", "),
    parameters: describeParameters(module.trainableParameters()),
    "steps finished": progress.step,
  };
  const texts = await settings.world.gather("the start of the fit", JSON.stringify(own));
  const [first = {}, ...others] = texts.map((text): Record<string, unknown> => JSON.parse(text));
  for (const [i, other] of others.entries()) {
    const name = Object.keys(first).find((each) => first[each] !== other[each]);
    if (name === undefined) continue;
    throw new InputError(
      `Cannot train together: ${name} of rank ${i + 1}: ${String(other[name])}, of rank 0: ${String(first[name])}; all workers need the same data and settings`,
    );
  }
}

/** Names and shapes in short. */
function describeParameters(parameters: ReadonlyMap<string, { shape: number[] }>): string {
  const text = [...parameters].map(([name, { shape }]) => `${name}:${shape.join("x")}`).join();
  return `${parameters.size} (${hash32(text).toString(16)})`;
}

/**
 * Puts rank 0's values in the place of everybody's: parameters, other state, moments unless each keeps
 * others.
 */
export async function shareVariables(
  { module, settings }: FitState,
  slots: readonly OptimizerSlot[],
): Promise<void> {
  await share(settings.world, module.trainableParameters());
  await share(settings.world, module.otherState?.() ?? new Map());
  for (const { optimizer, shares } of slots) {
    if (!shares) await share(settings.world, optimizer.state());
  }
}

/**
 * The same of other state alone, such as that of batch normalisation, which each worker's batches
 * change differently.
 */
export async function shareOtherState({ module, settings }: FitState): Promise<void> {
  await share(settings.world, module.otherState?.() ?? new Map());
}

/**
 * Sets all workers' weights to those of a checkpoint that rank 0 has.
 *
 * @param checkpoint rank 0's counts; undefined: weights stay as they are
 * @throws {InputError} on all workers, when rank 0 cannot restore it
 */
export async function restoreTogether(
  { module, settings }: FitState,
  checkpoint: string | undefined,
): Promise<void> {
  const { world } = settings;
  const failure = world.rank === 0 ? failureOf(module, checkpoint) : undefined;
  const own = failure === undefined ? "" : String(failure);
  const problem = await broadcastText(world, "the weights to restore", own);
  if (failure) throw failure;
  if (problem !== "") throw new InputError(`Cannot restore weights: rank 0 had ${problem}`);
  await share(world, module.trainableParameters());
  await share(world, module.otherState?.() ?? new Map());
}

/**
 * The same after the fit has failed: where all workers have failed alike, and so still meet; otherwise
 * on rank 0 alone.
 *
 * @returns whether this worker has the checkpoint's weights
 */
export async function restoreAfterException(
  state: FitState,
  error: unknown,
  checkpoint: string | undefined,
): Promise<boolean> {
  const { size, rank } = state.settings.world;
  if (size === 1 || (isSharedFailure(error) && !state.hasFailedAgain)) {
    try {
      await restoreTogether(state, checkpoint);
      return true;
    } catch (failure) {
      if (!(failure instanceof WorkerError)) throw failure; // otherwise one has failed for itself since
    }
  }
  if (rank === 0 && checkpoint !== undefined) restoreWeights(state.module, checkpoint);
  return rank === 0;
}

function failureOf(module: FitState["module"], checkpoint: string | undefined): Error | undefined {
  try {
    if (checkpoint !== undefined) restoreWeights(module, checkpoint);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error), { cause: error });
  }
}

async function share(world: World, variables: ReadonlyMap<string, tf.Variable>): Promise<void> {
  if (world.size === 1 || variables.size === 0) return;
  const copies = [...(await readVariables(variables))].map(
    ([name, { values, shape }]) => [name, { values: values.slice(), shape }] as const,
  );
  const bytes = copies.map(([, { values }]) => {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  });
  await world.broadcast("the variables", bytes);
  if (world.rank > 0) assignVariables("rank 0's variables", variables, new Map(copies));
}

/**
 * Lets all workers decide alike what follows a step: a stop that one asks for, or time that is over
 * for one, is so for all.
 */
export async function agree(state: FitState): Promise<void> {
  const { settings, progress, shouldStop, signalled } = state;
  if (settings.world.size === 1) return;
  const own = [Number(signalled), Number(shouldStop), ...timeNumbers(progress)];
  const rows = await gatherNumbers(settings.world, `after step ${progress.step}`, own);
  if (rows.some((row) => row[0] === 1)) state.abortAgreed = true;
  state.shouldStop = rows.some((row) => row[1] === 1);
  agreeOnTime(
    state,
    rows.map((row) => row.subarray(2)),
  );
}

/** What one worker would save. */
export interface Wishes {
  /** By its callbacks, which decide by what they see. */
  readonly wanted: readonly CheckpointRequest[];
  /** By its hooks, or who sent it a signal. */
  readonly asked: readonly CheckpointRequest[];
}

/**
 * Lets all workers save the same: what a hook of any of them has asked for, and what the callbacks of
 * rank 0 want, whose clock, metrics and files decide. Also makes a request to interrupt known to all.
 *
 * @param place where this is, in words
 */
export async function agreeToSave(
  state: FitState,
  place: string,
  own: Wishes,
): Promise<CheckpointRequest[]> {
  const { settings, signalled } = state;
  if (settings.world.size === 1) return [...own.asked, ...own.wanted];
  const texts = await settings.world.gather(place, JSON.stringify({ ...own, signalled }));
  const all = texts.map((text): Wishes & { signalled: boolean } => JSON.parse(text));
  if (all.some((each) => each.signalled)) state.abortAgreed = true;
  return [...all.flatMap(({ asked }) => asked), ...all[0]!.wanted];
}
