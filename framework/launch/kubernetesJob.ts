import type { KubernetesLauncherSpec } from "../spec/launchers/kubernetes.ts";

/** A trial as a cluster is to run it. */
export interface KubernetesTrial {
  readonly sweep: string;
  /** Of the run: letters and digits. */
  readonly id: string;
  /** Word by word, from Seedbed's own first argument on. */
  readonly args: readonly string[];
  readonly workingFolder: string;
}

/** What the cluster is told, as JSON. */
export type KubernetesManifest = Readonly<Record<string, unknown>>;

const container = "trial";
/** Of our own program. */
const [badInput, saved, terminated] = [2, 75, 143];

/**
 * The manifest of a Job that carries out one trial. A pod that was asked to leave its node, or has
 * saved its work, does not count as failed and is followed by another, which goes on from the
 * checkpoint; after unusable input there is no other.
 *
 * Source: Kubernetes' documentation of Jobs, "Pod failure policy" (stable since 1.31), which asks for
 * `restartPolicy: Never`.
 */
export function kubernetesJob(
  trial: KubernetesTrial,
  spec: KubernetesLauncherSpec,
): KubernetesManifest {
  const labels = { "app.kubernetes.io/name": "seedbed", "seedbed/trial": trial.id };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(trial),
      ...(spec.namespace !== undefined && { namespace: spec.namespace }),
      labels,
      annotations: { "seedbed/sweep": trial.sweep },
    },
    spec: {
      backoffLimit: spec.backoffLimit,
      podFailurePolicy: { rules: failureRules() },
      template: { metadata: { labels }, spec: podSpec(trial, spec) },
    },
  };
}

function failureRules(): KubernetesManifest[] {
  const onCodes = (values: number[]): KubernetesManifest => ({
    onExitCodes: { containerName: container, operator: "In", values },
  });
  return [
    { action: "FailJob", ...onCodes([badInput]) },
    { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    { action: "Ignore", ...onCodes([saved, terminated]) },
  ];
}

function podSpec(
  { args, workingFolder }: KubernetesTrial,
  spec: KubernetesLauncherSpec,
): KubernetesManifest {
  const { image, command, claim, mountPath, nodeSelector } = spec;
  const resources = {
    cpu: String(spec.cpus),
    ...(spec.memory !== undefined && { memory: spec.memory }),
    ...(spec.gpus > 0 && { "nvidia.com/gpu": String(spec.gpus) }),
  };
  return {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: spec.stopSeconds,
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    containers: [
      {
        name: container,
        image,
        command: [...command],
        args: [...args],
        workingDir: workingFolder,
        resources: { requests: resources, limits: resources },
        volumeMounts: [{ name: "runs", mountPath }],
      },
    ],
    volumes: [{ name: "runs", persistentVolumeClaim: { claimName: claim } }],
  };
}

/** A DNS label: at most 63 of `a-z0-9-`. */
function jobName({ sweep, id }: KubernetesTrial): string {
  const name = sweep.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `seedbed-${name.slice(0, 40).replaceAll(/^-+|-+$/g, "")}-${id}`;
}
