import path from "node:path";

import { stringify } from "yaml";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { kubernetesJob } from "../../launch/kubernetesJob.ts";
import type { KubernetesLauncherSpec } from "../../spec/launchers/kubernetes.ts";
import { writeSweepEvents } from "../../sweep/sweepEvents.ts";
import { SweepFolder } from "../../sweep/sweepFolder.ts";
import { sweepRecord, writeSweepRecord } from "../../sweep/sweepRecord.ts";
import type { TrialPlan } from "../../sweep/trialPlan.ts";
import type { CommandContext } from "../command.ts";
import { prepareTrial } from "./prepareTrial.ts";

export interface WriteJobsOptions {
  /** The sweep's file, for messages. */
  readonly file: string;
  /** At most so many trials are looked at, from the first. */
  readonly count?: number;
  readonly runsFolder: string;
  readonly context: CommandContext;
}

/**
 * Writes a Kubernetes Job for each trial that is not finished, all into `kubernetes.yaml` beside the
 * runs, and the folders that these go on from. Nothing is started.
 *
 * @throws {InputError} when trials depend on what others find, or the volume does not hold the runs
 */
export async function writeJobs(
  plan: TrialPlan,
  launcher: KubernetesLauncherSpec,
  { file, count, runsFolder, context }: WriteJobsOptions,
): Promise<void> {
  const folder = new SweepFolder(runsFolder, plan.spec.name);
  const all = Math.min(count ?? Infinity, plan.count ?? Infinity);
  checkTrials(plan, all);
  checkPlace(folder.path, launcher.mountPath);
  const jobs: string[] = [];
  for (const trial of plan.first(all)) {
    if (["finished", "running"].includes(folder.record(trial.id).status)) continue;
    const { args } = await prepareTrial(plan, trial, folder, { threads: launcher.cpus });
    const workingFolder = process.cwd();
    const job = kubernetesJob(
      { sweep: plan.spec.name, id: trial.id, args, workingFolder },
      launcher,
    );
    jobs.push(stringify(job, { lineWidth: 0 }));
  }
  writeSweepRecord(folder.path, sweepRecord(plan, file));
  writeSweepEvents(folder.path, plan.spec, Date.now() / 1000);
  const place = path.join(folder.path, "kubernetes.yaml");
  writeFileAtomic(place, jobs.join("---\n"));
  context.terminal.print(`${jobs.length} jobs, not started yet: ${place}`);
  context.terminal.print(`Start them with: kubectl apply -f ${place}`);
  context.terminal.print(`Compare the trials with: seedbed sweep report ${file}`);
}

function checkTrials({ spec, independent }: TrialPlan, count: number): void {
  if (spec.earlyTerminate) {
    throw new InputError(
      `Cannot write jobs for sweep ${spec.name}: nobody would stop trials early; leave early_terminate out`,
    );
  }
  if (independent === undefined && Number.isFinite(count)) return;
  const got = independent === undefined ? "trials without end" : `method: ${spec.method}`;
  throw new InputError(
    `Cannot write jobs for sweep ${spec.name}: expected trials that are known before any has ended, got ${got}; give run_cap, or a method such as random`,
  );
}

function checkPlace(folder: string, mountPath: string): void {
  const inside = path.relative(mountPath, path.resolve(folder));
  if (inside !== "" && !inside.startsWith("..")) return;
  throw new InputError(
    `Cannot write jobs into ${path.resolve(folder)}: expected a folder below launcher.mountPath, which is ${mountPath}; choose it with --runs`,
  );
}
