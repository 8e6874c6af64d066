import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Runs a function with a fresh folder, which is removed after it. */
export async function inTemporaryFolder(
  use: (folder: string) => Promise<void> | void,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
