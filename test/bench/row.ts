import type { PeerResult } from "./contender.ts";
import type { Measurement } from "./measurement.ts";
import type { PeerName } from "./peers/peer.ts";

/** What `--json` prints of a workload; null is what was not measured. */
export interface Row {
  name: string;
  /** Median time of ours. */
  ms: number;
  /** How many times as fast as each other side we are. */
  ratioToPyTorch: number | null;
  ratioToTfjsNode: number | null;
  ratioToWasm: number | null;
  /** Most memory of our process, in millions of bytes. */
  peakMb: number | null;
  /** Of the first steps. */
  losses?: number[];
  /** Times, quartiles and memory of the others, or why there are none. */
  peers?: Partial<Record<PeerName, PeerResult>>;
}

export function rowOf({ name, ms, peakMb, losses, peers }: Measurement): Row {
  return {
    name,
    ms,
    ratioToPyTorch: ratioOf(peers.pytorch),
    ratioToTfjsNode: ratioOf(peers["tfjs-node"]),
    ratioToWasm: ratioOf(peers.wasm),
    peakMb,
    losses,
    peers,
  };
}

function ratioOf(result: PeerResult | undefined): number | null {
  return result && "ratio" in result ? result.ratio : null;
}
