import { setTimeout as sleep } from "node:timers/promises";

import type { Peer } from "./peer.ts";
import { median, quantile } from "./statistics.ts";
import type { PreparedWorkload } from "./workload.ts";

/** Worker threads go on spinning for a moment after their work: each side waits for the other's. */
const pauseMs = 50;
/** Steps before the measured ones; their losses must agree. */
const warmUps = 3;
/** Both sides add in another order, and the difference grows with each step. */
const lossTolerance = 1e-3;

export interface Comparison {
  /** Median time of ours. */
  ms: number;
  peerMs?: number;
  /** Median of the pairs' ratios of PyTorch's time to ours: above 1 we are faster. */
  ratioToPyTorch?: number;
  /** First and third quartile of the ratio. */
  ratioSpread?: readonly [number, number];
  /** Losses of the first steps, ours; PyTorch's are the same within the tolerance. */
  losses: number[];
}

/**
 * Measures both sides in turns, so that whatever else the machine does falls on both.
 *
 * @throws {Error} when the two do not compute the same losses
 */
export async function compare(
  { run, repeats }: PreparedWorkload,
  peer: Peer | undefined,
  pairs: number,
): Promise<Comparison> {
  const losses: number[] = [];
  for (let i = 0; i < warmUps; i++) {
    const loss = await run();
    const other = await peer?.run();
    if (loss !== undefined) losses.push(loss);
    if (other) checkLoss(i, loss, other.loss);
  }
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < pairs; i++) {
    await sleep(pauseMs);
    const start = performance.now();
    await run();
    ours.push((performance.now() - start) / repeats);
    if (!peer) continue;
    await sleep(pauseMs);
    theirs.push((await peer.run()).ms / repeats);
  }
  if (theirs.length === 0) return { ms: median(ours), losses };
  const ratios = theirs.map((ms, i) => ms / ours[i]!);
  return {
    ms: median(ours),
    peerMs: median(theirs),
    ratioToPyTorch: median(ratios),
    ratioSpread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    losses,
  };
}

function checkLoss(step: number, ours: number | undefined, theirs: number | undefined): void {
  if (ours === undefined && theirs === undefined) return;
  if (ours !== undefined && theirs !== undefined) {
    if (Math.abs(ours - theirs) <= lossTolerance * Math.abs(theirs)) return;
  }
  throw new Error(
    `Cannot compare: the losses of step ${step} must agree within ${lossTolerance}, got ${ours} and PyTorch's ${theirs}`,
  );
}
