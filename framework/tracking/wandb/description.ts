import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { hashParameters, type Parameters } from "../parameters.ts";
import type { RunManifest } from "../runManifest.ts";
import type { WandbRunInfo } from "./runInfo.ts";

/** What a spec may say of W&B; WANDB_PROJECT and WANDB_ENTITY stand in for what it leaves out. */
export interface WandbSettings {
  project?: string;
  entity?: string;
  group?: string;
  jobType?: string;
  notes?: string;
  tags?: readonly string[];
}

/**
 * A run for W&B. Runs that differ in their seed alone have one group. A sweep of ours goes into the
 * configuration: W&B refuses runs of sweeps that it does not know, so only its own agent's, which it
 * names in WANDB_SWEEP_ID, is passed on as one.
 */
export function wandbRunInfo(
  { id, name, host, git, startedAt, sweep }: RunManifest,
  settings: WandbSettings,
  config: Parameters,
  environment: NodeJS.ProcessEnv,
): WandbRunInfo {
  const { group = sweep?.group ?? seedGroup(name, config), jobType, notes, tags } = settings;
  const entity = settings.entity ?? environment["WANDB_ENTITY"];
  const sweepId = environment["WANDB_SWEEP_ID"];
  return {
    runId: id,
    project: settings.project ?? (environment["WANDB_PROJECT"] || "seedbed"),
    ...(entity && { entity }),
    displayName: `${name}-${id}`,
    group,
    ...(jobType && { jobType }),
    ...(notes && { notes }),
    ...(tags && { tags }),
    ...(sweepId && { sweepId }),
    host: host.name,
    ...(git && { git: { commit: git.commit } }),
    config: sweep
      ? { ...config, sweep: { id: sweep.id, name: sweep.name, trial: sweep.trial } }
      : config,
    startTimeSeconds: Date.parse(startedAt) / 1000,
  };
}

function seedGroup(name: string, config: Parameters): string {
  return `${name}-${hashParameters({ ...config, seed: undefined }).slice(0, 8)}`;
}

/**
 * Files that W&B shows beside a run: where it ran, in the words that W&B's own programs use; its
 * packages; its spec; and what its code differed in from the commit.
 *
 * @param folder of the run
 */
export function wandbFiles(folder: string, manifest: RunManifest): Record<string, string> {
  const requirements = Object.entries(manifest.versions).map(
    ([name, version]) => `${name}==${version}\n`,
  );
  const copies = [
    ["spec.yaml", "spec.yaml"],
    ["git.patch", "diff.patch"],
  ].flatMap(([ours = "", theirs = ""]) => {
    const file = path.join(folder, ours);
    return existsSync(file) ? [[theirs, readFileSync(file, "utf8")] as const] : [];
  });
  return {
    "wandb-metadata.json": `${JSON.stringify(metadata(manifest), null, 2)}\n`,
    "requirements.txt": requirements.join(""),
    ...Object.fromEntries(copies),
  };
}

function metadata({ host, git, command, startedAt, versions }: RunManifest): Parameters {
  return {
    os: host.platform,
    host: host.name,
    cpu_count: host.cores,
    memory: { total: String(host.memoryBytes) },
    program: command[0] ?? "seedbed",
    args: command.slice(1),
    startedAt,
    node: versions["node"],
    ...(git && { git: { commit: git.commit } }),
  };
}
