/** @file What Slurm's job states mean for what waits for the job. */
import { constants } from "node:os";

import type { LaunchEnd } from "../launcher.ts";

/** `held` waits until somebody releases it. */
export type JobPhase = "waiting" | "held" | "running" | "ended";

const phases: Readonly<Record<string, JobPhase>> = {
  PENDING: "waiting",
  CONFIGURING: "waiting",
  REQUEUED: "waiting",
  REQUEUE_FED: "waiting",
  REQUEUE_HOLD: "held",
  SPECIAL_EXIT: "held",
  RESV_DEL_HOLD: "held",
  RUNNING: "running",
  COMPLETING: "running",
  SUSPENDED: "running",
  STOPPED: "running",
  SIGNALING: "running",
  STAGE_OUT: "running",
  RESIZING: "running",
  COMPLETED: "ended",
  FAILED: "ended",
  CANCELLED: "ended",
  TIMEOUT: "ended",
  NODE_FAIL: "ended",
  BOOT_FAIL: "ended",
  PREEMPTED: "ended",
  OUT_OF_MEMORY: "ended",
  DEADLINE: "ended",
  REVOKED: "ended",
};

/**
 * @param state as squeue, scontrol and sacct write it, such as `CANCELLED by 1000`; one that is not
 *   known is of a job that may still run
 * @param reason why it waits, such as `JobHeldUser`
 */
export function phaseOf(state: string, reason = ""): JobPhase {
  const phase = phases[word(state)] ?? "running";
  return phase === "waiting" && /Held|held/.test(reason) ? "held" : phase;
}

/** What is known of a job that has ended. */
export interface JobEnd {
  readonly state: string;
  /** `code:signal`, as Slurm writes it. */
  readonly exitCode: string;
  /** How often Slurm has queued it again. */
  readonly restarts: number;
}

/** Whether the job was lost through no fault of its own, so that it is worth another one. */
export const isLost = ({ state }: Pick<JobEnd, "state">): boolean =>
  ["PREEMPTED", "NODE_FAIL", "BOOT_FAIL"].includes(word(state));

const reasons: Readonly<Record<string, string>> = {
  CANCELLED: "cancelled in Slurm",
  TIMEOUT: "reached its time limit before it had saved its work; raise launcher.signalSeconds",
  DEADLINE: "reached its deadline",
  OUT_OF_MEMORY: "out of memory; raise launcher.mem",
  NODE_FAIL: "its node failed",
  BOOT_FAIL: "its node did not boot",
  PREEMPTED: "preempted",
  REVOKED: "started by another cluster",
};

/** Ends after which the same would happen again, or which somebody has wanted. */
const finalStates = new Set(["CANCELLED", "OUT_OF_MEMORY", "DEADLINE"]);

export function toLaunchEnd(job: string, { state, exitCode }: JobEnd): LaunchEnd {
  const reason = reasons[word(state)];
  if (reason === undefined) return readExitCode(exitCode);
  const isFinal = finalStates.has(word(state));
  const told = `Slurm job ${job}: ${reason}`;
  return { exitCode: null, signal: null, reason: told, ...(isFinal && { isFinal }) };
}

/** A shell ends with 128 + n when signal n has ended what it ran. */
function readExitCode(text: string): LaunchEnd {
  const [code = NaN, own = 0] = text.split(":").map(Number);
  const number = own > 0 ? own : code - 128;
  const signal = Object.entries(constants.signals).find(([, each]) => each === number)?.[0];
  return signal === undefined ? { exitCode: code, signal: null } : { exitCode: null, signal };
}

/** `CANCELLED by 1000` and `CANCELLED+` are CANCELLED. */
const word = (state: string): string => /^\w*/.exec(state)?.[0] ?? "";
