import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { loadTypeScript } from "../base/bundle.ts";
import { SpecError } from "../base/errors.ts";
import { suggest } from "../base/nearest.ts";
import type { SpecName } from "../spec/loadSpec.ts";

/** The package's own folder. */
export const packageFolder: string = path.resolve(import.meta.dirname, "../..");

/** Where experiments and callbacks are looked for: the user's directory, then the package. */
export function searchFolders(): string[] {
  return [...new Set([process.cwd(), packageFolder])];
}

/** A kind of file that specs name. */
export interface Place {
  /** Such as `callback`, for messages. */
  readonly kind: string;
  /** Folder below a search folder, such as `callbacks`. */
  readonly folder: string;
  /** Path of the file for a name, below `folder`. */
  fileOf(name: string): string;
  /** The name that a directory entry of `folder` stands for, if it is one. */
  nameOf(entry: string): string | undefined;
}

export const experimentPlace: Place = {
  kind: "experiment",
  folder: "experiments",
  fileOf: (name) => path.join(name, "experiment.ts"),
  nameOf: (entry) => entry,
};

export const callbackPlace: Place = {
  kind: "callback",
  folder: "callbacks",
  fileOf: (name) => `${name}.ts`,
  nameOf: (entry) => (/^\w+\.ts$/.test(entry) ? entry.slice(0, -3) : undefined),
};

/** Every name that a place has a file for, sorted. */
export function listNames(place: Place, folders: readonly string[] = searchFolders()): string[] {
  const names = folders.flatMap((root) => {
    const folder = path.join(root, place.folder);
    const entries = existsSync(folder) ? readdirSync(folder) : [];
    return entries.filter((entry) => {
      const name = place.nameOf(entry);
      return name !== undefined && existsSync(path.join(folder, place.fileOf(name)));
    });
  });
  return [...new Set(names.map((entry) => place.nameOf(entry) ?? entry))].toSorted();
}

/**
 * Imports the file that a spec's name stands for.
 *
 * @throws {SpecError} when no search folder has one
 */
export async function importNamed(
  place: Place,
  { name, pointer, where }: SpecName,
): Promise<{ file: string; module: Record<string, unknown> }> {
  const file = searchFolders()
    .map((root) => path.join(root, place.folder, place.fileOf(name)))
    .find((candidate) => /^[\w-]+$/.test(name) && existsSync(candidate));
  if (file === undefined) {
    const known = suggest(name, listNames(place));
    throw new SpecError(
      where,
      pointer,
      `expected ${place.folder}/${place.fileOf(name)} to exist${known}`,
    );
  }
  return { file, module: await importFile(place, name, file) };
}

async function importFile(
  { kind }: Place,
  name: string,
  file: string,
): Promise<Record<string, unknown>> {
  try {
    await loadTypeScript();
    const module: Record<string, unknown> = await import(pathToFileURL(file).href);
    return module;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot load ${kind} "${name}" from ${file}: ${reason}`, { cause });
  }
}
