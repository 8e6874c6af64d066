import { statSync, type Stats } from "node:fs";

/** Undefined when there is no such file, or it cannot be looked at. */
export function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Differs when a file was replaced or written to; "" for a file that is not there. */
export function fileStamp(file: string): string {
  const stat = statOf(file);
  return stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}` : "";
}
