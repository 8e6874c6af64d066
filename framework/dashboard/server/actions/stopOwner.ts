import { isHere, runOwner, shownOwner } from "../../../tracking/runLock.ts";
import { RequestError } from "../requestError.ts";

/**
 * Asks the process that holds a folder to save its work and end.
 *
 * @param heartbeatFile by which a process of another host is known to live
 * @returns its pid
 * @throws {RequestError} when there is none, it is on another host or in another container, or not ours
 *   to stop
 */
export function stopOwner(folder: string, heartbeatFile: string): number {
  const owner = runOwner(folder, heartbeatFile);
  if (!owner) throw new RequestError(409, "Cannot stop: no process is at work on it");
  if (!isHere(owner)) {
    throw new RequestError(
      409,
      `Cannot stop process ${shownOwner(owner)} from here: stop it there`,
    );
  }
  try {
    process.kill(owner.pid, "SIGTERM");
  } catch (cause) {
    throw new RequestError(403, `Cannot stop process ${owner.pid}: it is another user's`, {
      cause,
    });
  }
  return owner.pid;
}
