import { readlinkSync } from "node:fs";

/**
 * Within which the processes that this one sees have their numbers: containers have namespaces of
 * their own, which one boot of a machine tells apart. "" where the system has none.
 */
export function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
