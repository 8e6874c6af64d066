import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { WorkerContext } from "./command.ts";
import { continueRun } from "./continueRun.ts";
import { loadExperimentSpec, type LoadedSpec } from "./loadExperimentSpec.ts";
import { startRun } from "./startRun.ts";

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
      `Cannot run: expected the file of a spec, such as configs/line.yaml, got ${words.join(" ")}`,
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

export interface RunSpecsOptions {
  /** Folder of all runs. */
  readonly runsFolder: string;
  readonly context: WorkerContext;
  /** Whether to go on with runs of the same specs that are not finished; default: no. */
  readonly resumes?: boolean;
}

/**
 * Carries specs out one after the other, and stops at the first that fails; what is wrong with any of
 * them is found before the first begins.
 */
export async function runSpecs(
  plan: readonly PlannedSpec[],
  { runsFolder, context, resumes = false }: RunSpecsOptions,
): Promise<void> {
  const loaded: LoadedSpec[] = [];
  for (const { file, overrides } of plan) loaded.push(await loadExperimentSpec(file, overrides));
  const { print, warn } = context.terminal;
  for (const [i, each] of loaded.entries()) {
    const left = plan.slice(i + 1).map(({ file }) => file);
    if (plan.length > 1) print(`Spec ${i + 1} of ${plan.length}: ${plan[i]!.file}`);
    try {
      await (resumes ? continueRun : startRun)(each, { runsFolder, context });
    } catch (error) {
      if (left.length > 0) warn(`Not run: ${left.join(", ")}`);
      throw error;
    }
  }
}
