import { fileURLToPath } from "node:url";

import { PeerProcess, type InstalledPeer } from "./peerProcess.ts";

const script = fileURLToPath(new URL("tfjsProcess.ts", import.meta.url));

/**
 * Another backend of TF.js, if it starts.
 *
 * @returns a string that says why when it does not
 */
export async function findTfjs(
  name: "tfjs-node" | "wasm",
  threads: number,
): Promise<InstalledPeer | string> {
  const launch = { name, command: process.execPath, args: ["--import", "tsx", script, name] };
  try {
    const { peer, greeting } = await PeerProcess.start(launch, threads);
    peer.stop();
    return { ...launch, title: String(greeting["title"]) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reason.replace(/^Cannot compare with [^:]+: /, "");
  }
}
