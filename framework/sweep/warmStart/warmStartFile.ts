import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import type { SweepSpec } from "../../spec/sweepSpec.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { collectWarmStart, type WarmStart } from "./warmStart.ts";

/** Where a sweep keeps it: beside its runs. */
export interface WarmStartPlace {
  /** Of all runs. */
  readonly runsFolder: string;
  /** Id of the sweep. */
  readonly id: string;
}

const fileOf = ({ name }: SweepSpec, { runsFolder, id }: WarmStartPlace): string =>
  path.join(runsFolder, name, `warm-start.${id}.json`);

/**
 * What a sweep starts from: what was written down when it first started, else what earlier runs have
 * found until now. Undefined for a sweep that starts from nothing.
 *
 * @throws {SpecError} when earlier runs cannot be used
 * @throws {InputError} when the file is damaged, or lacks a metric
 */
export function loadWarmStart(spec: SweepSpec, place: WarmStartPlace): WarmStart | undefined {
  if (spec.warmStart.length === 0) return undefined;
  const file = fileOf(spec, place);
  return existsSync(file) ? readWarmStart(file, spec) : collectWarmStart(spec, place.runsFolder);
}

/** Writes down what a sweep starts from, so that it starts from the same when it is started again. */
export function keepWarmStart(spec: SweepSpec, place: WarmStartPlace, warmStart: WarmStart): void {
  const file = fileOf(spec, place);
  if (!existsSync(file)) writeFileAtomic(file, `${JSON.stringify(warmStart, null, 2)}\n`);
}

function readWarmStart(file: string, { objectives }: SweepSpec): WarmStart {
  const names = objectives.map(({ name }) => name);
  const problem = `Cannot read ${file}: expected points with values of ${names.join(", ")}; remove it to take what runs have found until now`;
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isWarmStart(value, names)) return value;
  } catch (cause) {
    throw new InputError(problem, { cause });
  }
  throw new InputError(problem);
}

function isWarmStart(value: unknown, names: readonly string[]): value is WarmStart {
  return (
    isRecord(value) &&
    typeof value["outside"] === "number" &&
    typeof value["withoutMetric"] === "number" &&
    Array.isArray(value["points"]) &&
    value["points"].every((each) => isPoint(each, names))
  );
}

function isPoint(value: unknown, names: readonly string[]): boolean {
  if (!isRecord(value)) return false;
  const { point, runs, values } = value;
  return (
    isRecord(point) &&
    Array.isArray(runs) &&
    isRecord(values) &&
    names.every((name) => Object.hasOwn(values, name))
  );
}
