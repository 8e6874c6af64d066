import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";

/** A spec with what is set in it. */
export interface PlannedSpec {
  readonly file: string;
  readonly overrides: readonly string[];
}

const override = /^(?:([^/=:]+):)?([^/=]+=.*)$/s;

/**
 * Tells specs from overrides: `a.b=c` is for all of the specs, `NAME:a.b=c` for the one whose file
 * is called so, without its ending.
 *
 * @throws {InputError} when there is no spec, or none of a name
 */
export function planSpecs(words: readonly string[]): PlannedSpec[] {
  const files = words.filter(isSpec);
  if (files.length === 0) {
    throw new InputError(
      `Cannot find a spec: expected a file, such as configs/line.yaml, got ${words.join(" ")}`,
    );
  }
  const names = files.map((file) => path.basename(file).replace(/\.ya?ml$/, ""));
  const set = words
    .filter((word) => !isSpec(word))
    .map((word) => {
      const [, name, text = word] = override.exec(word) ?? [];
      if (name === undefined || names.includes(name)) return { name, text };
      throw new InputError(
        `Cannot set ${word}: expected the name of one of the specs, ${names.join(", ")}, got ${name}`,
      );
    });
  return files.map((file, i) => ({
    file,
    overrides: set
      .filter(({ name }) => name === undefined || name === names[i])
      .map(({ text }) => text),
  }));
}

function isSpec(word: string): boolean {
  return !override.test(word) && (/\.ya?ml$/.test(word) || existsSync(word));
}
