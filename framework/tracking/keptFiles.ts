import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";

/** What a run has been given, and nobody else has. */
const names = ["spec.yaml", "git.patch", "trial.json"];

/**
 * Remembers the small files that a run began with.
 *
 * @returns writes those again that are gone
 */
export function keepFiles(folder: string): () => void {
  const files = names.map((name) => path.join(folder, name)).filter((file) => existsSync(file));
  const kept = files.map((file) => ({ file, content: readFileSync(file) }));
  return () => {
    for (const { file, content } of kept) if (!existsSync(file)) writeFileAtomic(file, content);
  };
}
