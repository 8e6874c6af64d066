import type { ProcessLauncherSpec } from "../spec/launchers/index.ts";
import type { ConfiguredLauncher, LaunchSetting } from "./launcher.ts";
import { localLauncher } from "./localLauncher.ts";
import { slurmLauncher } from "./slurmLauncher.ts";
import { sshLauncher } from "./sshLauncher.ts";

/** The launcher that a sweep's `launcher` asks for. */
export function createLauncher(
  spec: ProcessLauncherSpec,
  setting: LaunchSetting,
): ConfiguredLauncher {
  switch (spec.name) {
    case "local":
      return localLauncher(spec, setting);
    case "slurm":
      return slurmLauncher(spec, setting);
    case "ssh":
      return sshLauncher(spec, setting);
  }
}
