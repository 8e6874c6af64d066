import { flattenParameters, isRecord, type Parameters } from "./parameters.ts";

/** A setting that is not the same in all of several specs. */
export interface SpecDifference {
  /** As an override has it, such as `model.trains.textEncoder`. */
  readonly key: string;
  /** Of each spec; undefined where it is not set, "set" where it has keys of its own. */
  readonly values: readonly (string | undefined)[];
}

/** What says who a run is, and not what it does. */
const ignored = ["seed", "name", "description", "tags", "notes", "loggers", "tracking"];

/** Settings, seeds left out, in which specs differ, in the order of the specs. */
export function specDifferences(specs: readonly Parameters[]): SpecDifference[] {
  const flat = specs.map((spec) => flattenParameters(withNamedEntries(spec)));
  const keys = [...new Set(flat.flatMap((each) => [...each.keys()]))];
  return keys
    .filter((key) => !ignored.includes(key.split(".")[0]!))
    .map((key) => ({ key, values: flat.map((each) => valueOf(each, key)) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function valueOf(
  flat: ReadonlyMap<string, string | number | boolean>,
  key: string,
): string | undefined {
  const value = flat.get(key)?.toString();
  const hasOwnKeys = (): boolean => [...flat.keys()].some((other) => other.startsWith(`${key}.`));
  return value ?? (hasOwnKeys() ? "set" : undefined);
}

/**
 * A name for each spec that says how it differs from the others, such as `priorWeight=0`; the same
 * for specs that differ in the seed alone. Of settings that always change together the first is
 * named; keys are as short as they can be without being mistaken for each other.
 *
 * @param otherwise the name where there is no difference
 */
export function nameByDifferences(specs: readonly Parameters[], otherwise: string): string[] {
  const telling = distinguishing(specDifferences(specs));
  const names = shortNames(telling.map(({ key }) => key));
  return specs.map((_, spec) => {
    const settings = telling.map(({ values }, i) => `${names[i]}=${brief(values[spec])}`);
    return settings.length === 0 ? otherwise : settings.join(", ");
  });
}

/** Lists of parts, each under its name, become mappings, as overrides see them. */
function withNamedEntries(spec: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => {
      const isNamed =
        Array.isArray(value) &&
        value.every((part) => isRecord(part) && Object.keys(part).length === 1);
      return [key, isNamed ? Object.assign({}, ...value) : value];
    }),
  );
}

/** The first of all differences that divide specs in the same way. */
function distinguishing(differences: readonly SpecDifference[]): SpecDifference[] {
  const known = new Set<string>();
  return differences.filter(({ values }) => {
    const division = values.map((value) => values.indexOf(value)).join();
    const isNew = !known.has(division);
    known.add(division);
    return isNew;
  });
}

/** The last parts of each key, as few as are its own. */
function shortNames(keys: readonly string[]): string[] {
  return keys.map((key) => {
    const parts = key.split(".");
    const candidates = parts.map((_, i) => parts.slice(parts.length - 1 - i).join("."));
    const isOwn = (name: string): boolean =>
      keys.every((other) => other === key || !`.${other}`.endsWith(`.${name}`));
    return candidates.find(isOwn) ?? key;
  });
}

const longest = 40;

function brief(value = "unset"): string {
  return value.length > longest ? `${value.slice(0, longest)}…` : value;
}
