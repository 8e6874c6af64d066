import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { lockRun } from "../../tracking/runLock.ts";

/** Servers on other hosts see by it that this one lives. */
const beatMs = 60_000;

/**
 * Takes a folder of responses for this process: two servers would not know of each other's.
 *
 * @returns gives it back
 * @throws {InputError} when another one has it
 */
export function lockResponses(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const heartbeat = path.join(folder, "server.alive");
  const release = lockRun(folder, heartbeat, { purpose: "keep responses in" });
  const beat = (): void => writeFileSync(heartbeat, "");
  beat();
  const timer = setInterval(beat, beatMs).unref();
  return () => {
    clearInterval(timer);
    release();
  };
}
