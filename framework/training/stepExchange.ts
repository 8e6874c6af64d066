import { gatherNumbers } from "../distributed/world.ts";
import { agreeOnTime, timeNumbers } from "./agreedTime.ts";
import type { FitState } from "./fitState.ts";
import type { Reduction } from "./logOptions.ts";

/** What every worker says in every batch, beside the step's scalars. */
const heads = ["signalled", "batch size", "learning rate", "seconds", "and a rest"] as const;

/**
 * Lets the workers know what their steps gave: sums gradients over them, in place, and makes one of
 * each scalar. All travel together; so does a request to stop, which takes effect everywhere after
 * the same step, and the time trained so far.
 *
 * @param outputs of this worker's step
 * @returns those of all workers
 * @throws {RangeError} on all workers alike, when their batches or learning rates differ
 */
export async function exchangeStep(
  state: FitState,
  outputs: Readonly<Record<string, number>>,
  gradients: readonly Float32Array[],
): Promise<Record<string, number>> {
  const { signalled, batchSize, learningRate, progress, settings } = state;
  const time = timeNumbers(progress);
  const own = [Number(signalled), batchSize, learningRate, ...time, ...Object.values(outputs)];
  const place = `batch ${progress.microBatch + 1}`;
  const rows = await gatherNumbers(settings.world, place, own, gradients);
  if (rows.some((row) => row[0] === 1)) state.abortAgreed = true;
  agreeOnTime(
    state,
    rows.map((row) => row.subarray(3)),
  );
  checkAlike(rows);
  const scalars = rows.map((row) => row.subarray(heads.length));
  return reduceOutputs(state, Object.keys(outputs), scalars);
}

/** Shares that are not alike would make a mean that nobody asked for. */
function checkAlike(rows: readonly Float32Array[]): void {
  for (const column of [1, 2]) {
    const rank = rows.findIndex((row) => !Object.is(row[column], rows[0]![column]));
    if (rank < 0) continue;
    throw new RangeError(
      `Cannot train together: rank ${rank} has a ${heads[column]} of ${rows[rank]![column]}, rank 0 of ${rows[0]![column]}; all workers must have the same`,
    );
  }
}

function reduceOutputs(
  state: FitState,
  names: readonly string[],
  rows: readonly Float32Array[],
): Record<string, number> {
  const reduced: Record<string, number> = {};
  for (const [i, name] of names.entries()) {
    const values = rows.map((row) => row[i]!);
    if (name === "loss") state.brokenRank = brokenRank(values);
    const entry = state.recordedLogs.entryOf(name);
    reduced[name] =
      entry?.syncDist === false ? values[0]! : reduce(values, entry?.reduceFx ?? "mean");
  }
  return reduced;
}

function brokenRank(losses: readonly number[]): number | undefined {
  const rank = losses.findIndex((loss) => !Number.isFinite(loss));
  return rank < 0 ? undefined : rank;
}

function reduce(values: readonly number[], reduceFx: Reduction): number {
  if (reduceFx === "min") return Math.min(...values);
  if (reduceFx === "max") return Math.max(...values);
  const sum = values.reduce((total, value) => total + value, 0);
  return reduceFx === "sum" ? sum : sum / values.length;
}
