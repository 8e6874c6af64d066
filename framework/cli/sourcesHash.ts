import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { packageFolder } from "./places.ts";

/** Of all modules of the framework, their names and texts; wherever the package lies. */
export function sourcesHash(folder: string = path.join(packageFolder, "framework")): string {
  const hash = createHash("sha256");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:m?tsx?|mjs)$/.test(name))
    .map((name) => name.replaceAll(path.sep, "/"));
  for (const name of names.toSorted()) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(folder, name)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}
