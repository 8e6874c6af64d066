import path from "node:path";

import { parse, YAMLParseError } from "yaml";

import { InputError } from "../base/errors.ts";
import { isRecord, type Parameters } from "./parameters.ts";
import { readRunText } from "./readRunText.ts";

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

/** @throws {InputError} when the run has no `spec.yaml`, or it cannot be read */
export function readRunSpecText(folder: string): string {
  const text = readRunText(runSpecPath(folder));
  if (text !== undefined) return text;
  throw new InputError(`Cannot read run ${folder}: it has no spec.yaml`);
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined;
    const where = line === undefined ? file : `${file}:${line}`;
    const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    const what = reason.replace(/ at line \d+, column \d+:?$/, "");
    throw new InputError(`Cannot read ${where}: expected YAML, got ${what}; mend it there`, {
      cause,
    });
  }
}
