import path from "node:path";

import type { SlurmLauncherSpec } from "../../spec/launchers/slurm.ts";
import type { LaunchTask } from "../launcher.ts";
import { shellWord } from "../shellWord.ts";

/** A job, or an array of jobs. */
export interface SlurmJob {
  readonly title: string;
  /** Tells the job from all others. */
  readonly comment: string;
  /** Takes what the job prints; in an array `%a` is the index. */
  readonly logFile: string;
  /** Folder in which it runs. */
  readonly workingFolder: string;
  /** Of an array: how many jobs it has, and how many of them run at once. */
  readonly array?: { readonly size: number; readonly parallel: number };
}

/** sbatch's directives, one after another. */
export function slurmDirectives(job: SlurmJob, spec: SlurmLauncherSpec): string {
  const { array } = job;
  const options: Record<string, Option> = {
    "job-name": job.title,
    nodes: spec.nodes ?? 1,
    "cpus-per-task": spec.cpusPerTask,
    ...resources(spec),
    ...spec.sbatch,
    comment: job.comment,
    output: job.logFile,
    "open-mode": "append",
    chdir: job.workingFolder,
    requeue: true,
    signal: `B:USR1@${spec.signalSeconds}`,
    ...(array && { array: `0-${array.size - 1}%${array.parallel}` }),
  };
  const lines = Object.entries(options).flatMap(([key, value]) => directive(key, value));
  return ["#!/bin/bash", ...lines, ""].join("\n");
}

type Option = string | number | boolean | undefined;

function resources(spec: SlurmLauncherSpec): Record<string, Option> {
  const { partition, account, qos, time, mem, gres } = spec;
  return { partition, account, qos, time, mem, gres };
}

function directive(key: string, value: Option): string[] {
  if (value === undefined || value === false) return [];
  return [value === true ? `#SBATCH --${key}` : `#SBATCH --${key}=${quoted(String(value))}`];
}

/** As sbatch reads its directives. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/** A file's name in which Slurm finds nothing to replace. */
export const slurmFileName = (file: string): string => file.replaceAll("%", "%%");

/**
 * What a job does. Slurm tells the script alone of a limit or preemption that is near (SIGUSR1): the
 * task is sent SIGUSR2, upon which it saves its work and ends with 75, and the job goes back into the
 * queue, so often as it may. SIGTERM is passed on. A shell heeds signals between commands only, so
 * the task runs beside it.
 */
export function slurmBody(
  { command }: Pick<LaunchTask, "command">,
  { setup, maxRequeues }: Pick<SlurmLauncherSpec, "setup" | "maxRequeues">,
): string {
  return `task= leaves= stops=
trap 'leaves=1; [ -z "$task" ] || kill -USR2 "$task" 2>/dev/null' USR1
trap 'stops=1; [ -z "$task" ] || kill -TERM "$task" 2>/dev/null' TERM
${setup.map((line) => `${line}\n`).join("")}code=140
if [ -n "$stops" ]; then exit 143; fi
if [ -z "$leaves" ]; then
  ${command.map(shellWord).join(" ")} &
  task=$!
  wait "$task"; code=$?
  while kill -0 "$task" 2>/dev/null; do wait "$task"; code=$?; done
  wait "$task" 2>/dev/null; last=$?
  if [ "$last" -ne 127 ]; then code=$last; fi
fi
# 75: it has saved its work; 140: SIGUSR2 came before it had begun
if [ -z "$stops" ] && { [ "$code" -eq 75 ] || [ "$leaves$code" = 1140 ]; } &&
  [ "\${SLURM_RESTART_COUNT:-0}" -lt ${maxRequeues} ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
`;
}

/** What an array's jobs do: each the script of its own folder. */
export const arrayBody = (folder: string): string =>
  `exec bash ${shellWord(folder)}/"$SLURM_ARRAY_TASK_ID"/${scriptName}\n`;

/** Of a task's job, in its folder. */
export const scriptName = "slurm.sh";

/** Where the tasks of an array find their folders. */
export const memberFolder = (arrayFolder: string, index: number): string =>
  path.join(arrayFolder, String(index));
