import { InputError } from "../../base/errors.ts";
import type { JobEnd } from "./jobStates.ts";
import type { RunClient } from "./runClient.ts";

/** A line of the queue. */
export interface QueuedJob {
  readonly state: string;
  /** Why it waits. */
  readonly reason: string;
  readonly comment: string;
}

/** Jobs by their ids, those of an array as `12_3`. */
export type Queue = ReadonlyMap<string, QueuedJob>;

/** Slurm's programs, as far as launching needs them; accounting is not. */
export interface SlurmClient {
  /** @throws {InputError} when there is no Slurm, or its controller does not answer */
  check(): Promise<void>;
  /** @throws {InputError} with Slurm's words when it would refuse a job with the script */
  test(script: string): Promise<void>;
  /**
   * @returns the job's id; undefined when nobody knows whether there is a job now
   * @throws {InputError} with Slurm's words when it refuses the job
   */
  submit(script: string): Promise<string | undefined>;
  /** All of the user's jobs that Slurm still knows; undefined when it does not answer. */
  queue(): Promise<Queue | undefined>;
  /** How a job ended; `unknown` when Slurm has forgotten it, undefined when it does not answer. */
  end(job: string): Promise<JobEnd | "unknown" | undefined>;
  /** Asks running jobs' scripts to stop, and takes waiting jobs out of the queue. */
  stop(jobs: readonly string[]): Promise<void>;
  /** Ends jobs, whatever they do. */
  cancel(jobs: readonly string[]): Promise<void>;
}

export function slurmClient(run: RunClient): SlurmClient {
  return {
    async check() {
      await run(["sbatch", "--version"]); // there must be one
      const { output, problem } = await run(["scontrol", "ping"]);
      if (/ is UP/.test(output)) return;
      throw new InputError(
        `Cannot use launcher slurm: expected a controller that answers scontrol ping, got ${quote(output, problem)}`,
      );
    },
    async test(script) {
      const { isOk, problem } = await run(["sbatch", "--test-only", script]);
      if (!isOk && !isPassing(problem)) throw refused(script, problem);
    },
    async submit(script) {
      const { isOk, output, problem } = await run(["sbatch", "--parsable", script]);
      const id = /^\d+/.exec(output.trim())?.[0];
      if (isOk && id !== undefined) return id;
      if (isPassing(problem)) return undefined;
      throw refused(script, problem);
    },
    async queue() {
      const user = String(process.getuid?.() ?? "");
      const format = "%i|%T|%r|%k"; // stable over releases, other than --json
      const { isOk, output } = await run(["squeue", "-hr", "-t", "all", "-u", user, "-o", format]);
      return isOk ? readQueue(output) : undefined;
    },
    async end(job) {
      const { isOk, output, problem } = await run(["scontrol", "-o", "show", "job", job]);
      if (isOk) return readShown(output);
      return /Invalid job id/.test(problem) ? recordedEnd(run, job) : undefined;
    },
    async stop(jobs) {
      await run(["scancel", "--state=PENDING", ...jobs]);
      await run(["scancel", "--batch", "--signal=TERM", ...jobs]);
    },
    async cancel(jobs) {
      await run(["scancel", ...jobs]);
    },
  };
}

/** Of problems that another try may not have. */
const isPassing = (problem: string): boolean =>
  /no answer|timed out|unable to contact|connect|temporarily/i.test(problem);

const quote = (output: string, problem: string): string =>
  JSON.stringify(`${output.trim()} ${problem}`.trim());

const refused = (script: string, problem: string): InputError =>
  new InputError(`Cannot submit ${script}: ${problem.replaceAll(/^sbatch: (?:error: )?/gm, "")}`);

export function readQueue(output: string): Queue {
  const lines = output.split("\n").filter((line) => line.includes("|"));
  return new Map(
    lines.map((line) => {
      const [id = "", state = "", reason = "", ...comment] = line.split("|");
      return [id, { state, reason, comment: comment.join("|").trim() }];
    }),
  );
}

/** Reads a line of `scontrol -o show job`. */
export function readShown(line: string): JobEnd {
  const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? "";
  return {
    state: field("JobState"),
    exitCode: field("ExitCode"),
    restarts: Number(field("Restarts")),
  };
}

/** From accounting, which many clusters have; the last line is of the last time that it ran. */
async function recordedEnd(run: RunClient, job: string): Promise<JobEnd | "unknown"> {
  const words = ["sacct", "-nXP", "-j", job, "-o", "State,ExitCode"];
  const { isOk, output } = await run(words).catch(() => ({ isOk: false, output: "" }));
  const [state = "", exitCode = ""] = output.trim().split("\n").at(-1)?.split("|") ?? [];
  return isOk && state !== "" ? { state, exitCode, restarts: 0 } : "unknown";
}
