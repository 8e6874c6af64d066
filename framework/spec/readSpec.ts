import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { SpecError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { applyOverride } from "./overrides.ts";
import { parseSpecText } from "./parseSpecText.ts";
import { describeOrigin, merge } from "./specNode.ts";
import type { Origin, SpecMapping, SpecNode } from "./specNode.ts";

/** A spec with everything it extends and all overrides merged in, not yet checked. */
export interface SpecTree {
  readonly root: SpecMapping;
  /** Absolute paths of all files read: what is extended first, the named file last. */
  readonly files: readonly string[];
}

/**
 * Reads a spec file, what it `extends` (paths relative to the file; later ones win, the file
 * itself wins over all), then sets the overrides in the order given.
 *
 * @param overrides such as `trainer.maxSteps=10`
 * @throws {SpecError}
 */
export function readSpec(file: string, overrides: readonly string[] = []): SpecTree {
  const files: string[] = [];
  const root = readFile(path.resolve(file), [], files);
  for (const override of overrides) applyOverride(root, override);
  return { root, files };
}

/** The path a user would type: relative below the working directory, else absolute. */
export function displayPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
}

/** @param chain the files that lead here, outermost first */
function readFile(
  file: string,
  chain: readonly string[],
  files: string[],
  from?: Origin,
): SpecMapping {
  if (chain.includes(file)) {
    const loop = [...chain.slice(chain.indexOf(file)), file].map(displayPath).join(" -> ");
    throw new SpecError(describe(from), "/extends", `expected files without a cycle, got ${loop}`);
  }
  const root = parseSpecText(readText(file, from), displayPath(file));
  if (root.kind !== "mapping") {
    throw new SpecError(displayPath(file), "", `expected a mapping, got ${describeKind(root)}`);
  }
  const parents = takeExtends(root).map(({ name, origin }) =>
    readFile(path.resolve(path.dirname(file), name), [...chain, file], files, origin),
  );
  if (!files.includes(file)) files.push(file);
  return [...parents, root].reduce(merge);
}

const describe = (origin?: Origin): string => (origin ? describeOrigin(origin) : "");

function describeKind(node: SpecNode): string {
  return node.kind === "scalar" && node.value === null ? "nothing" : `a ${node.kind}`;
}

/** Removes the key `extends` and returns the paths it names. */
function takeExtends(root: SpecMapping): { name: string; origin: Origin }[] {
  const node = root.entries.get("extends");
  if (!node) return [];
  root.entries.delete("extends");
  return (node.kind === "list" ? node.items : [node]).map((item) => {
    if (item.kind === "scalar" && typeof item.value === "string") {
      return { name: item.value, origin: item.origin };
    }
    throw new SpecError(describe(item.origin), "/extends", "expected a path or a list of paths");
  });
}

function readText(file: string, from?: Origin): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const where = from ? describe(from) : displayPath(file);
    const name = from ? `${displayPath(file)}: ` : "";
    const reason = cause instanceof Error && "code" in cause ? cause.code : cause;
    const problem = reason === "ENOENT" ? `no such file${suggestFile(file)}` : String(reason);
    throw new SpecError(where, from ? "/extends" : "", `${name}${problem}`, { cause });
  }
}

function suggestFile(file: string): string {
  const folder = path.dirname(file);
  const best = nearest(path.basename(file), listYaml(folder));
  return best === undefined ? "" : `; did you mean ${displayPath(path.join(folder, best))}?`;
}

function listYaml(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted();
  } catch {
    return [];
  }
}
