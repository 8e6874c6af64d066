import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { isRecord } from "./parameters.ts";
import { isSecretName, redactSecrets } from "./redactSecrets.ts";

/** What a process had around it. Nothing secret is in it. */
export interface ProcessEnvironment {
  /** In which the command was typed. */
  readonly directory: string;
  /** Of Node. */
  readonly node: string;
  /** Those that can change what a run does, or say where it ran. */
  readonly variables: Readonly<Record<string, string>>;
  /** Versions of the packages that the directory, and this program, depend on. */
  readonly packages: Readonly<Record<string, string>>;
}

const programFolder = path.resolve(import.meta.dirname, "../..");

export function processEnvironment(
  directory: string,
  variables: NodeJS.ProcessEnv = process.env,
): ProcessEnvironment {
  return {
    directory,
    node: process.version,
    variables: tellingVariables(variables),
    packages: { ...installedPackages(programFolder), ...installedPackages(directory) },
  };
}

/** Threads, devices, launchers, caches, and what Node itself reads. */
const telling =
  /^(NODE_|UV_|OMP_|OMPI_COMM_|MKL_|OPENBLAS_|CUDA_|NVIDIA_|ROCR_|HIP_|VK_|ORT_|ONNX|TF_(?!CLI_|VAR_)|SLURM_|PMI_|PMIX_RANK|HF_|WANDB_|MLFLOW_|SEEDBED_|LD_|DYLD_|MALLOC_|SOURCE_DATE_EPOCH$|TZ$|LANG$|LC_|CI$|CONDA_DEFAULT_ENV$|VIRTUAL_ENV$)/;

function tellingVariables(variables: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(variables).flatMap(([name, value = ""]) =>
    telling.test(name) && !isSecretName(name) ? [[name, value] as const] : [],
  );
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, value]) => [name, redactSecrets(value, variables)]));
}

/** Of what a folder's package.json depends on and Node would find from there. */
function installedPackages(folder: string): Record<string, string> {
  const wanted = readJson(path.join(folder, "package.json"));
  const names = ["dependencies", "optionalDependencies", "peerDependencies"]
    .flatMap((kind) => Object.keys(isRecord(wanted[kind]) ? wanted[kind] : {}))
    .toSorted();
  const versions = names.flatMap((name): [string, string][] => {
    const version = readJson(path.join(folder, "node_modules", name, "package.json"))["version"];
    return typeof version === "string" ? [[name, version]] : [];
  });
  return Object.fromEntries(versions);
}

function readJson(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
