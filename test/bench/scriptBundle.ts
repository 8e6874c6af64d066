import { realpathSync, rmSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";

type WriteBundle = (more: { in: string; out: string }[]) => Promise<string>;

const bundles = new Map<string, Promise<string>>();

/**
 * A script with all that it imports in JavaScript, as users' commands run
 * ([decision 16](../../docs/decisions/0016-the-command-runs-a-bundle.md)): a loader of TypeScript would
 * take some 110 MB of a measured process. It is made once and gone when this process ends.
 *
 * @param script a file of TypeScript
 * @returns the file that Node runs
 */
export function bundledScript(script: string): Promise<string> {
  const found = bundles.get(script) ?? bundle(script);
  bundles.set(script, found);
  return found;
}

async function bundle(script: string): Promise<string> {
  const place = new URL("../../framework/start/bundle.mjs", import.meta.url).href;
  const { writeBundle }: { writeBundle: WriteBundle } = await import(place);
  const out = "script";
  const folder = realpathSync(await writeBundle([{ in: script, out }]));
  removeAtEnd(folder);
  return path.join(folder, `${out}.js`);
}

const made: string[] = [];

function removeAtEnd(folder: string): void {
  made.push(folder);
  if (made.length > 1) return;
  process.once("exit", () => {
    for (const each of made) rmSync(each, { recursive: true, force: true });
  });
}

/** Has a program that is interrupted end by itself, and so remove its bundles. */
export function endOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
