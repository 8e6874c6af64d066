import { peerNames, type PeerName } from "./peer.ts";
import type { InstalledPeer } from "./peerProcess.ts";
import { findPyTorch } from "./pyTorch.ts";
import { findTfjs } from "./tfjs.ts";

/** Who is there, and why the others are not. */
export interface FoundPeers {
  installed: InstalledPeer[];
  missing: { name: PeerName; reason: string }[];
}

/**
 * Reads the option `--peers`.
 *
 * @param text names between commas, or `none`; undefined: all
 * @throws {RangeError} naming the one that is unknown
 */
export function readPeerNames(text: string | undefined): readonly PeerName[] {
  if (text === undefined) return peerNames;
  if (text === "none") return [];
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !peerNames.some((known) => known === name));
  if (unknown === undefined) return peerNames.filter((name) => names.includes(name));
  throw new RangeError(
    `Cannot read --peers: expected none or some of ${peerNames.join(",")}, got "${unknown}"`,
  );
}

export async function findPeers(
  names: readonly PeerName[],
  { python, threads }: { python: string | undefined; threads: number },
): Promise<FoundPeers> {
  const found: FoundPeers = { installed: [], missing: [] };
  for (const name of names) {
    const peer = name === "pytorch" ? findPyTorch(python) : await findTfjs(name, threads);
    if (typeof peer === "string") found.missing.push({ name, reason: peer });
    else found.installed.push(peer);
  }
  return found;
}
