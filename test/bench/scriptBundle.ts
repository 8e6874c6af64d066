import { rmSync } from "node:fs";
import path from "node:path";

type WriteBundle = (more: { in: string; out: string }[]) => Promise<string>;

const bundles = new Map<string, Promise<string>>();

/**
 * A script with all that it imports in JavaScript, as users' commands run
 * ([decision 16](../../docs/decisions/0016-the-command-runs-a-bundle.md)): a loader of TypeScript would
 * take some 80 MB of a measured process. It is made once and gone when this process ends.
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
  const folder = await writeBundle([{ in: script, out }]);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, `${out}.js`);
}
