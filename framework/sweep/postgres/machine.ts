import { readFileSync } from "node:fs";
import { hostname } from "node:os";

import { pidNamespace } from "../../base/pidNamespace.ts";

/**
 * Tells whether two processes see each other's numbers: the same host since the same start, in the same
 * container. "" where the system does not say.
 */
export function machineIdentity(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespace = pidNamespace();
    return namespace === "" ? "" : `${hostname()} ${boot} ${namespace}`;
  } catch {
    return "";
  }
}
