import { readFileSync } from "node:fs";
import path from "node:path";

import { packageFolder } from "./places.ts";

export function packageVersion(): string {
  const text = readFileSync(path.join(packageFolder, "package.json"), "utf8");
  const { version }: { version?: unknown } = JSON.parse(text);
  return String(version);
}
