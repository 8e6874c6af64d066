import type { KubernetesLauncherSpec } from "../../framework/spec/launchers/kubernetes.ts";
import type { SlurmLauncherSpec } from "../../framework/spec/launchers/slurm.ts";
import type { SshLauncherSpec } from "../../framework/spec/launchers/ssh.ts";

/** What `launcher: { name: slurm }` stands for. */
export const slurmDefaults: SlurmLauncherSpec = {
  name: "slurm",
  parallel: 16,
  array: false,
  cpusPerTask: 1,
  sbatch: {},
  setup: [],
  signalSeconds: 120,
  maxRequeues: 10,
  stopSeconds: 300,
  pollSeconds: 5,
  timeoutSeconds: 30,
};

/** What `launcher: { name: ssh }` stands for, with one host. */
export const sshDefaults: SshLauncherSpec = {
  name: "ssh",
  hosts: [{ host: "node1", slots: 1 }],
  threads: 1,
  options: {},
  setup: [],
  timeoutSeconds: 15,
};

/** What `launcher: { name: kubernetes }` stands for, with the keys that it must have. */
export const kubernetesDefaults: KubernetesLauncherSpec = {
  name: "kubernetes",
  image: "registry.example/seedbed:1",
  command: ["seedbed"],
  claim: "runs",
  mountPath: "/data",
  cpus: 1,
  gpus: 0,
  nodeSelector: {},
  backoffLimit: 2,
  stopSeconds: 300,
};
