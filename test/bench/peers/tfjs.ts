import path from "node:path";

import { bundledScript } from "../scriptBundle.ts";
import { PeerProcess, type InstalledPeer } from "./peerProcess.ts";

/**
 * Another backend of TF.js, if it starts.
 *
 * @returns a string that says why when it does not
 */
export async function findTfjs(
  name: "tfjs-node" | "wasm",
  threads: number,
): Promise<InstalledPeer | string> {
  const script = await bundledScript(path.join(import.meta.dirname, "tfjsProcess.ts"));
  const launch = { name, command: process.execPath, args: [script, name] };
  try {
    const { peer, greeting } = await PeerProcess.start(launch, threads);
    peer.stop();
    return { ...launch, title: String(greeting["title"]) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reason.replace(/^Cannot compare with [^:]+: /, "");
  }
}
