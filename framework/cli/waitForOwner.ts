import { statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { isHere, runOwner, shownOwner } from "../tracking/runLock.ts";
import { manifestPath } from "../tracking/runManifest.ts";

/**
 * Waits while a run counts as held by a process of another machine or container that gives no sign of
 * life: one that has failed, such as a node of a cluster, counts as gone after some minutes. Returns
 * at once when the process gives one, or can be seen from here.
 */
export async function waitForOwner(
  folder: string,
  warn: (line: string) => void,
  pollSeconds = 5,
): Promise<void> {
  const lastSign = signOfLife(folder);
  for (let told = false; ; told = true) {
    const owner = runOwner(folder, manifestPath(folder));
    if (!owner || isHere(owner) || signOfLife(folder) !== lastSign) return;
    if (!told) warn(`Process ${shownOwner(owner)} has left the run: waiting whether it lives`);
    await wait(pollSeconds * 1000);
  }
}

const signOfLife = (folder: string): number => statSync(manifestPath(folder)).mtimeMs;
