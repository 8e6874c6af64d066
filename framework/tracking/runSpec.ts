import { existsSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { InputError } from "../base/errors.ts";
import { readRegularFile } from "../base/readRegularFile.ts";
import { isRecord, type Parameters } from "./parameters.ts";

/** A run's resolved settings, and the text that they are kept as. */
export interface RunSpec {
  spec: Parameters;
  specYaml: string;
}

export function runSpecPath(folder: string): string {
  return path.join(folder, "spec.yaml");
}

/** @throws {InputError} when the run has no `spec.yaml`, or it is damaged */
export function readRunSpec(folder: string): RunSpec {
  const specYaml = readRunSpecText(folder);
  const file = runSpecPath(folder);
  const spec = parseYaml(specYaml, file);
  if (!isRecord(spec)) throw new InputError(`Cannot read ${file}: expected a mapping`);
  return { spec, specYaml };
}

/** @throws {InputError} when the run has no `spec.yaml` */
export function readRunSpecText(folder: string): string {
  const file = runSpecPath(folder);
  if (!existsSync(file)) throw new InputError(`Cannot read run ${folder}: it has no spec.yaml`);
  return readRegularFile(file).toString();
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const [reason] = String(cause).split("\n");
    throw new InputError(`Cannot read ${file}: expected YAML, got ${reason}`, { cause });
  }
}
