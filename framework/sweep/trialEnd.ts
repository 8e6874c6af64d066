import type { LaunchEnd } from "../launch/launcher.ts";
import { isPaused, pausedExitCode } from "../tracking/runManifest.ts";
import type { TrialOutcome } from "./journal.ts";
import type { TrialRecord } from "./trialRecord.ts";

/** What became of a try at a trial. */
export interface TrialEnd {
  readonly outcome: TrialOutcome;
  /** Why it is not finished. */
  readonly reason?: string;
  /** Whether another try may mend it. */
  readonly isCrash: boolean;
}

/** Of our own program: what the user has to mend before it can go on. */
const badInput = 2;

/**
 * Judges a try by its run's folder, and how its process ended.
 *
 * @param stopped whether the process was asked to stop, so that it can be taken up again
 */
export function judgeEnd(
  { exitCode, signal, reason: told, isFinal = false }: LaunchEnd,
  { status, manifest }: TrialRecord,
  stopped: boolean,
): TrialEnd {
  if (status === "finished") return { outcome: "finished", isCrash: false };
  if (exitCode === pausedExitCode && manifest && isPaused(manifest)) {
    return { outcome: "paused", isCrash: false };
  }
  if (stopped) return { outcome: "interrupted", isCrash: false };
  const error = manifest?.status === "failed" ? manifest.summary["error"] : undefined;
  const how = told ?? (signal === null ? `exit code ${exitCode}` : `signal ${signal}`);
  const reason = error === undefined ? how : `${how}: ${String(error)}`;
  return { outcome: "failed", reason, isCrash: exitCode !== badInput && !isFinal };
}
