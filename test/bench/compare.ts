import { setTimeout as sleep } from "node:timers/promises";

import { Contender, type PeerResult } from "./contender.ts";
import type { Peer, PeerName } from "./peers/peer.ts";
import { median } from "./statistics.ts";
import type { PreparedWorkload } from "./workload.ts";

/** Worker threads go on spinning for a moment after their work: each side waits for the other's. */
const pauseMs = 50;
/** Steps before the measured ones; their losses must agree. */
const usualWarmUps = 3;

export interface Comparison {
  /** Median time of ours. */
  ms: number;
  /** Losses of the first steps, ours; those of the peers are the same within the tolerance. */
  losses: number[];
  peers: Partial<Record<PeerName, PeerResult>>;
}

/** Measures all sides in turns, so that whatever else the machine does falls on each. */
export async function compare(
  { run, repeats }: Pick<PreparedWorkload, "run" | "repeats">,
  peers: readonly Peer[],
  { pairs, warmUps = usualWarmUps }: { pairs: number; warmUps?: number | undefined },
): Promise<Comparison> {
  const losses: (number | undefined)[] = [];
  const contenders = peers.map((peer) => new Contender(peer));
  for (let i = 0; i < warmUps; i++) {
    losses.push(await run());
    for (const contender of contenders) await contender.warmUp(losses);
  }
  const ours: number[] = [];
  for (let i = 0; i < pairs; i++) {
    await sleep(pauseMs);
    const start = performance.now();
    await run();
    const ms = (performance.now() - start) / repeats;
    ours.push(ms);
    for (const contender of contenders) {
      if (!contender.hasTurns) continue;
      await sleep(pauseMs);
      await contender.turn(ms, repeats, losses);
    }
  }
  const results: Comparison["peers"] = {};
  for (const contender of contenders) results[contender.name] = await contender.result();
  return { ms: median(ours), losses: losses.filter((loss) => loss !== undefined), peers: results };
}
