/** What a sweep's `launcher` can be, by its `name`. */
import type { JsonSchema } from "../jsonSchema.ts";
import { kubernetesSchema, type KubernetesLauncherSpec } from "./kubernetes.ts";
import { localSchema, type LocalLauncherSpec } from "./local.ts";
import { slurmSchema, type SlurmLauncherSpec } from "./slurm.ts";
import { sshSchema, type SshLauncherSpec } from "./ssh.ts";

/** Of launchers that start something. */
export type ProcessLauncherSpec = LocalLauncherSpec | SlurmLauncherSpec | SshLauncherSpec;

export type LauncherSpec = ProcessLauncherSpec | KubernetesLauncherSpec;

/** Keys beside `name`. */
export const launcherSchemas: Readonly<Record<LauncherSpec["name"], JsonSchema>> = {
  local: localSchema,
  slurm: slurmSchema,
  ssh: sshSchema,
  kubernetes: kubernetesSchema,
};

export const launcherNames: readonly string[] = Object.keys(launcherSchemas);

/** @param name as the file says it; an unknown one is the one thing to report */
export function launcherSchema(name: unknown): JsonSchema {
  const known = Object.entries(launcherSchemas).find(([each]) => each === name)?.[1];
  return {
    type: "object",
    description: "What starts trials, and where.",
    default: {},
    ...(known?.required && { required: known.required }),
    properties: { name: { enum: launcherNames, default: "local" }, ...known?.properties },
    additionalProperties: known === undefined,
  };
}
