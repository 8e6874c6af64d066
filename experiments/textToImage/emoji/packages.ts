import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { InputError } from "seedbed";

const require = createRequire(import.meta.url);

/** An installed npm package that data is read from. */
export interface DataPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** @throws {InputError} with the line that installs it, when the package is not there */
export function findPackage(name: string): DataPackage {
  const manifest = resolveManifest(name);
  const { version } = readJson(manifest);
  return { name, version: String(version), folder: path.dirname(manifest) };
}

function resolveManifest(name: string): string {
  try {
    return require.resolve(`${name}/package.json`);
  } catch (cause) {
    throw new InputError(
      `Cannot build the drawings: expected package ${name}, which is not installed; ` +
        `run "npm ci", or "npm install --save-dev ${name}"`,
      { cause },
    );
  }
}

/** @throws {InputError} when the file is missing or holds no JSON object */
export function readJson(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isRecord(value)) return value;
    throw new Error("expected a JSON object");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read ${file}: ${reason}`, { cause });
  }
}

/** An object's entries, or none for anything that is no object. */
export function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
