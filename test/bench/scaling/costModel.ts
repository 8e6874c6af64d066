import { bucketLength } from "../../../framework/distributed/buckets.ts";

/** A network between workers, each with a link of its own. */
export interface Network {
  readonly name: string;
  /** From one worker to another, for a message of no length. */
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
}

/** What all workers do in a step, each on a batch of one size. */
export interface ScaledStep {
  readonly name: string;
  /** That learn. */
  readonly parameters: number;
  /** Of one worker alone. */
  readonly computeMs: number;
}

const bytesPerElement = 4;
/** One call of the network. */
const bucketBytes = bytesPerElement * bucketLength;
/** Meetings and short sums of a step: before the gradients, and after the update. */
const shortCalls = 4;
/** Adds numbers that have come to one's own: memory's speed on one core. */
const addingBytesPerSecond = 4e9;
/** Gradients leave the compiled step for the host, and come in again. */
const hostBytesPerSecond = 4e9;

/**
 * Time that workers spend on each other in one step. Gradients go in buckets, one after another, each
 * around a ring: `2 (n - 1)` messages of the n-th part of it, half of which are added up. Nothing of
 * it overlaps with computing, as ours does not.
 *
 * Source: Patarasuk & Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
 * with the latency of each message; short calls by recursive doubling, Thakur et al. 2005.
 */
export function exchangeMs({ parameters }: ScaledStep, workers: number, network: Network): number {
  if (workers === 1) return 0;
  const bytes = parameters * bytesPerElement;
  const buckets = Math.ceil(bytes / bucketBytes);
  const { latencyMs, bytesPerSecond } = network;
  const messages = 2 * (workers - 1);
  const part = (workers - 1) / workers;
  const movingMs = 1000 * ((2 * part * bytes) / bytesPerSecond);
  const addingMs = 1000 * ((part * bytes) / addingBytesPerSecond);
  const hostMs = 1000 * ((2 * bytes) / hostBytesPerSecond);
  const shortMs = shortCalls * 2 * Math.ceil(Math.log2(workers)) * latencyMs;
  return buckets * messages * latencyMs + movingMs + addingMs + hostMs + shortMs;
}

/** Throughput of so many workers beside that many times one worker's. */
export function efficiency(step: ScaledStep, workers: number, network: Network): number {
  return step.computeMs / (step.computeMs + exchangeMs(step, workers, network));
}

/** The most workers, of powers of two, that are at least half as fast as alone; undefined: none. */
export function usefulWorkers(
  step: ScaledStep,
  network: Network,
  counts: readonly number[],
): number | undefined {
  return counts.findLast((workers) => efficiency(step, workers, network) >= 0.5);
}
