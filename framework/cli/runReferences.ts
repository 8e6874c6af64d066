import { stringify } from "yaml";

import { InputError } from "../base/errors.ts";
import { isRecord } from "../tracking/parameters.ts";
import { findReferenced, parseRunReference, type RunReference } from "../tracking/runReference.ts";
import type { LoadedSpec } from "./loadExperimentSpec.ts";

/** A reference to a run, and where the spec has it. */
export interface SpecReference extends RunReference {
  /** Such as `distillation.teacher`. */
  readonly key: string;
}

/** Fields of a spec that name what another run has made. */
export function referencesOf({ spec, experiment }: LoadedSpec): SpecReference[] {
  return (experiment.modelFields ?? []).flatMap((key) => {
    const value = valueAt(spec, key.split("."));
    const reference = typeof value === "string" ? parseRunReference(value) : undefined;
    return reference ? [{ ...reference, key }] : [];
  });
}

/** References whose runs are still to be carried out. */
export function missingReferences(loaded: LoadedSpec, runsFolder: string): SpecReference[] {
  return referencesOf(loaded).filter((each) => findReferenced(runsFolder, each) === undefined);
}

/**
 * The spec with the places that its references to runs mean now, so that the run's record says them.
 *
 * @throws {InputError} naming a field whose run has not been carried out
 */
export function resolveReferences(loaded: LoadedSpec, runsFolder: string): LoadedSpec {
  const references = referencesOf(loaded);
  if (references.length === 0) return loaded;
  const spec = structuredClone(loaded.spec);
  for (const reference of references) {
    const { key, run } = reference;
    const place = findReferenced(runsFolder, reference);
    if (place === undefined) {
      const where = loaded.locate(`/${key.replaceAll(".", "/")}`);
      throw new InputError(
        `Cannot use run:${run} as ${key}, at ${where}: expected a finished run of that name or id below ${runsFolder}, got none; run its spec first`,
      );
    }
    const keys = key.split(".");
    const holder = valueAt(spec, keys.slice(0, -1));
    if (isRecord(holder)) holder[keys.at(-1)!] = place;
  }
  return { ...loaded, spec, yaml: stringify(spec, { lineWidth: 100 }) };
}

function valueAt(value: unknown, [key, ...others]: readonly string[]): unknown {
  if (key === undefined) return value;
  return isRecord(value) ? valueAt(value[key], others) : undefined;
}
