import { Ajv, type ErrorObject } from "ajv";
import { stringify } from "yaml";

import { SpecError } from "../base/errors.ts";
import { suggest } from "../base/nearest.ts";
import { closeSchema, describeSchema, isSchema, type JsonSchema } from "./jsonSchema.ts";
import type { SpecTree } from "./readSpec.ts";
import { describeOrigin, nodeAt, pointerKeys, toPlain, toPointer } from "./specNode.ts";
import type { Origin, SpecMapping } from "./specNode.ts";

/** A spec that its schema allows. */
export interface CheckedSpec<T> {
  /** Plain values with every default filled in. */
  readonly spec: T;
  /** The same as YAML, without `extends`; reading it gives the same spec again. */
  readonly yaml: string;
  /** Absolute paths of all files that took part. */
  readonly files: readonly string[];
  /** File and line that a JSON pointer's value came from. */
  locate(pointer: string): string;
}

/** One thing that is wrong, and where. */
interface Problem {
  readonly origin: Origin;
  readonly pointer: string;
  readonly text: string;
}

/**
 * Checks a tree against a JSON schema and fills in its defaults. Objects that list their keys
 * allow no others. `null` where the schema has no null counts as not written, so that a file can
 * drop a key of the file it extends.
 *
 * @throws {SpecError} that names every problem, the first one first
 */
export function checkSpec<T>({ root, files }: SpecTree, schema: JsonSchema): CheckedSpec<T> {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, verbose: true, allowUnionTypes: true });
  const validate = ajv.compile<T>(closeSchema(schema));
  const locate = (pointer: string): string =>
    describeOrigin(nodeAt(root, pointerKeys(pointer)).origin);
  for (let again = true; again;) {
    const spec = toPlain(root);
    if (validate(spec)) return { spec, yaml: stringify(spec, { lineWidth: 100 }), files, locate };
    again = dropNulls(root, validate.errors ?? []);
  }
  throw specError(toProblems(root, validate.errors ?? []));
}

/** Removes the nulls that the schema refused. */
function dropNulls(root: SpecMapping, errors: readonly ErrorObject[]): boolean {
  const nulls = errors.filter(({ keyword, data }) => keyword === "type" && data === null);
  return nulls.map(({ instancePath }) => removeAt(root, pointerKeys(instancePath))).includes(true);
}

function removeAt(root: SpecMapping, keys: readonly string[]): boolean {
  const holder = nodeAt(root, keys.slice(0, -1));
  return holder.kind === "mapping" && holder.entries.delete(keys.at(-1) ?? "");
}

function specError(problems: readonly Problem[]): SpecError {
  const [first, ...others] = problems.toSorted(byPlace);
  if (!first) return new SpecError("", "", "expected another value");
  const also = others.map(
    (p) => `\n  also ${describeOrigin(p.origin)} at ${p.pointer || "/"}: ${p.text}`,
  );
  return new SpecError(describeOrigin(first.origin), first.pointer, first.text + also.join(""));
}

function byPlace({ origin: a }: Problem, { origin: b }: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}

function toProblems(root: SpecMapping, errors: readonly ErrorObject[]): Problem[] {
  return errors.filter((error) => isTelling(error, errors)).map((error) => toProblem(root, error));
}

/**
 * Of a failed union, the errors further down are told when there are any: the value is then of
 * the kind of that alternative. Otherwise one error that names all alternatives.
 */
function isTelling(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const unions = errors.filter(isUnion);
  if (isUnion(error))
    return !errors.some((other) => isInside(other, error) && isDeeper(other, error));
  const around = unions.filter((union) => isInside(error, union));
  return around.every((union) => isDeeper(error, union));
}

const isUnion = ({ keyword }: ErrorObject): boolean => keyword === "anyOf" || keyword === "oneOf";

const isInside = (error: ErrorObject, union: ErrorObject): boolean =>
  error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`);

const isDeeper = (error: ErrorObject, union: ErrorObject): boolean =>
  error.instancePath.length > union.instancePath.length ||
  error.keyword === "additionalProperties" ||
  error.keyword === "required";

function toProblem(root: SpecMapping, error: ErrorObject): Problem {
  const keys = pointerKeys(error.instancePath);
  const { key, text } = describeError(error);
  const path = key === undefined ? keys : [...keys, key];
  return { origin: nodeAt(root, path).origin, pointer: toPointer(path), text };
}

/** @returns `key` when the problem is with a key of the value that ajv names */
function describeError(error: ErrorObject): { key?: string; text: string } {
  const schema = isSchema(error.parentSchema) ? error.parentSchema : {};
  if (error.keyword === "additionalProperties") {
    const key = String(error.params["additionalProperty"]);
    const known = Object.keys(schema.properties ?? {});
    return { key, text: `unknown key "${key}"${suggest(key, known)}` };
  }
  if (error.keyword === "required") {
    const key = String(error.params["missingProperty"]);
    const wanted = schema.properties?.[key];
    return { key, text: `expected ${wanted ? describeSchema(wanted) : "a value"}, got nothing` };
  }
  return { text: `expected ${describeSchema(schema)}, got ${describeValue(error.data, schema)}` };
}

const maxValueLength = 60;

function describeValue(value: unknown, schema: JsonSchema): string {
  if (typeof value === "number") return String(value); // NaN and infinities are not JSON
  const json = JSON.stringify(value);
  const text = json.length > maxValueLength ? `${json.slice(0, maxValueLength)}...` : json;
  if (typeof value !== "string" || !schema.enum) return text;
  return text + suggest(value, schema.enum.map(String));
}
