/** @file What becomes of steps whose loss or gradients are not finite. */
import { InputError } from "../base/errors.ts";
import { broadcastText } from "../distributed/world.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { CheckpointSaver } from "./checkpointSaver.ts";
import type { FitState } from "./fitState.ts";
import type { RollBacks } from "./rollBacks.ts";
import { sharedFailure } from "./sharedFailure.ts";

/** What is wrong with the step just taken, as text; undefined: it may stay. */
export function brokenValue(state: FitState): string | undefined {
  const { metrics, lossScaling, rollBacks } = state;
  const loss = metrics["train/loss"];
  const norm = metrics["train/gradientNorm"];
  const isBroken = (value: number | undefined): boolean =>
    value !== undefined && !Number.isFinite(value);
  if (lossScaling?.hasSkipped && !rollBacks) return undefined;
  if (isBroken(loss)) return `a finite loss, got ${loss}`;
  if (lossScaling?.isExhausted) return `finite gradients at a loss scale of ${lossScaling.scale}`;
  if (lossScaling?.isDynamic && lossScaling.hasSkipped) return undefined; // its scale was too large
  if (isBroken(norm)) return `a finite gradient norm, got ${norm}`;
  return lossScaling?.hasSkipped ? "finite gradients" : undefined;
}

/** A run whose numbers are broken stops before anything of it is saved. */
export function nonFiniteError({ step, brokenRank }: FitState, broken: string, more = ""): Error {
  const where = brokenRank === undefined ? "" : ` on rank ${brokenRank}`;
  return sharedFailure(
    new RangeError(
      `Cannot go on after step ${step}: expected ${broken}${where}${more}; lower the learning rate, clip gradients, or look at the data`,
    ),
  );
}

/**
 * Gives the model, its optimizers and its callbacks what they had at the last good checkpoint; steps,
 * schedules and data go on. All workers go back to the checkpoint that rank 0 finds.
 *
 * @param broken what was not finite
 * @throws {RangeError} when there is none, or going back has not helped several times in a row
 */
export async function rollBack(
  state: FitState,
  rollBacks: RollBacks,
  saver: CheckpointSaver,
  broken: string,
): Promise<void> {
  if (!rollBacks.mayGoBack) {
    const times = `, after ${rollBacks.mostInARow} roll backs in a row (trainer.maxRollBacks)`;
    throw nonFiniteError(state, broken, times);
  }
  await saver.finishWriting();
  const { world, print } = state.settings;
  const found = world.rank === 0 ? (findGood(rollBacks, print) ?? "") : "";
  const checkpoint = await broadcastText(world, "the checkpoint to go back to", found);
  if (checkpoint === "") {
    throw nonFiniteError(state, broken, ", and there is no good checkpoint to go back to");
  }
  const { step } = await saver.restoreValues(checkpoint);
  rollBacks.goBack(state.step, step);
  print(
    `Step ${state.step}: expected ${broken}; weights, moments and callbacks go back to ${checkpoint}, and training goes on with the batches that follow: roll back ${rollBacks.inARow} of at most ${rollBacks.mostInARow} in a row`,
  );
}

/** The newest that is intact and whose numbers are finite. */
function findGood(rollBacks: RollBacks, warn: (line: string) => void): string | undefined {
  for (const checkpoint of rollBacks.candidates) {
    const problem = problemOf(checkpoint);
    if (problem === undefined) return checkpoint;
    rollBacks.forget(checkpoint);
    warn(`${problem}; trying an older one`);
  }
  return undefined;
}

function problemOf(checkpoint: string): string | undefined {
  try {
    const { parameters, optimizer } = readCheckpoint(checkpoint).tensors;
    for (const [name, { values }] of [...parameters, ...optimizer]) {
      if (!values.every(Number.isFinite)) {
        return `Cannot go back to ${checkpoint}: expected finite numbers, got others in "${name}"`;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Steps after `since` that have changed nothing in the weights that there are now. */
export function stepsWithoutUpdate(
  { lossScaling, rollBacks }: Pick<FitState, "lossScaling" | "rollBacks">,
  since: number,
): number {
  const skipped = lossScaling?.skippedSteps(since, (step) => !rollBacks?.isLost(step)) ?? 0;
  return skipped + (rollBacks?.lostSteps(since) ?? 0);
}
