import { readdirSync, statSync } from "node:fs";
import path from "node:path";

import { hashFiles } from "seedbed";

/**
 * Content hash of what decides a pipeline's pictures: weights, settings, vocabulary.
 *
 * @param source a pipeline's folder, or the file that holds all of it
 */
export function modelHash(source: string): string {
  if (statSync(source).isFile()) return hashFiles([source]);
  const names = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(safetensors|bin|json|txt)$/.test(name))
    .toSorted();
  return hashFiles(names.map((name) => path.join(source, name)));
}
