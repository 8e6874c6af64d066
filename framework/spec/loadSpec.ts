import path from "node:path";

import { SpecError } from "../base/errors.ts";
import { checkSpec, type CheckedSpec } from "./checkSpec.ts";
import {
  experimentSpecSchema,
  type ExperimentSpec,
  type SchemaRegistry,
} from "./experimentSpec.ts";
import type { JsonSchema } from "./jsonSchema.ts";
import { readSpec, type SpecTree } from "./readSpec.ts";
import { child, describeOrigin, mapping, scalar, toPlain, toPointer } from "./specNode.ts";
import type { Origin, SpecMapping, SpecNode } from "./specNode.ts";
import { partOrCountKeys } from "./trainerSpec.ts";

/** A name in a spec that must be looked up, and where it stands if it cannot be found. */
export interface SpecName {
  readonly name: string;
  readonly pointer: string;
  /** File and line, such as `configs/dreambooth.yaml:12`. */
  readonly where: string;
}

/** Finds the parts that a spec names. A name that does not exist is a `SpecError` of theirs. */
export interface SpecLookup {
  /** The experiment's section schemas. */
  sections(experiment: SpecName): Promise<SchemaRegistry>;
  callback(callback: SpecName): Promise<JsonSchema>;
  readonly optimizers: SchemaRegistry;
  readonly lrSchedules: SchemaRegistry;
}

export interface LoadSpecOptions {
  /** Such as `trainer.maxSteps=10`, set in order. */
  readonly overrides?: readonly string[];
  /** The spec in the place of the file's, which it was made of: the file gives it its name. */
  readonly root?: SpecMapping;
  readonly lookup: SpecLookup;
}

/**
 * Reads an experiment's spec, merges what it extends and the overrides, and checks it against the
 * common schema and those of the experiment, optimizer, schedule and callbacks that it names.
 *
 * @throws {SpecError}
 */
export async function loadSpec(
  file: string,
  { overrides = [], root, lookup }: LoadSpecOptions,
): Promise<CheckedSpec<ExperimentSpec>> {
  const tree = root ? { root, files: [path.resolve(file)] } : readSpec(file, overrides);
  fillIn(tree.root, file);
  const optimizer = textAt(tree.root, "optimizer", "name");
  const lrSchedule = textAt(tree.root, "lrSchedule", "name");
  const countsEpochs = textAt(tree.root, "lrSchedule", "interval") === "epoch";
  const trainer = tree.root.entries.get("trainer");
  const limit = countsEpochs ? "maxEpochs" : "maxSteps";
  const schema = experimentSpecSchema({
    sections: await lookup.sections(experimentName(tree)),
    callbacks: await callbackSchemas(tree.root, lookup),
    optimizers: lookup.optimizers,
    lrSchedules: lookup.lrSchedules,
    hasTotalSteps: trainer !== undefined && child(trainer, limit) !== undefined, // wrong or not
    ...(optimizer !== undefined && { optimizer }),
    ...(lrSchedule !== undefined && { lrSchedule }),
  });
  return checkSpec<ExperimentSpec>(tree, schema);
}

/** Callbacks of a spec that lists none. */
const defaultCallbacks = ["progressBar", "modelCheckpoint"];

/** Brings a tree into the one form that the schema describes. */
function fillIn({ entries, origin }: SpecMapping, file: string): void {
  const make = (value: string): SpecNode => scalar(value, origin);
  if (!entries.has("name")) entries.set("name", make(path.basename(file).replace(/\.ya?ml$/, "")));
  if (!entries.has("callbacks")) {
    entries.set("callbacks", { kind: "list", items: defaultCallbacks.map(make), origin });
  }
  const callbacks = entries.get("callbacks");
  if (callbacks?.kind === "list")
    callbacks.items.splice(0, Infinity, ...callbacks.items.map(openName));
  for (const keys of partOrCountKeys) wholePartToNull(entries, keys);
}

/** `earlyStopping` becomes `earlyStopping: {}`, as does `earlyStopping:` with nothing behind it. */
function openName(item: SpecNode): SpecNode {
  if (item.kind === "scalar" && typeof item.value === "string") {
    return mapping(item.origin, [[item.value, mapping(item.origin)]]);
  }
  if (item.kind !== "mapping") return item;
  return mapping(
    item.origin,
    [...item.entries].map(([name, options]) => [name, orEmpty(options)]),
  );
}

const orEmpty = (node: SpecNode): SpecNode =>
  node.kind === "scalar" && node.value === null ? mapping(node.origin) : node;

/** JavaScript has one number 1; YAML's `1.0` means the whole and `1` one batch. */
function wholePartToNull(entries: SpecMapping["entries"], [section, key]: readonly string[]): void {
  const holder = entries.get(section ?? "");
  const value = holder && child(holder, key ?? "");
  if (holder?.kind !== "mapping" || value?.kind !== "scalar" || value.value !== 1) return;
  if (value.source !== "1") holder.entries.set(key ?? "", scalar(null, value.origin));
}

function experimentName({ root }: SpecTree): SpecName {
  const node = root.entries.get("experiment");
  const pointer = toPointer(["experiment"]);
  const where = describeOrigin(node?.origin ?? root.origin);
  if (node?.kind === "scalar" && typeof node.value === "string") {
    return { name: node.value, pointer, where };
  }
  const got = node ? JSON.stringify(toPlain(node)) : "nothing";
  throw new SpecError(where, pointer, `expected the name of a folder in experiments/, got ${got}`);
}

async function callbackSchemas(
  root: SpecMapping,
  lookup: SpecLookup,
): Promise<{ name: string; schema: JsonSchema }[]> {
  const list = root.entries.get("callbacks");
  if (list?.kind !== "list") {
    throw misplaced(list?.origin ?? root.origin, [], "a list of callbacks", list);
  }
  const schemas = [];
  for (const [i, item] of list.items.entries()) {
    const [entry, ...more] = item.kind === "mapping" ? item.entries : [];
    if (!entry || more.length > 0) {
      throw misplaced(
        item.origin,
        [String(i)],
        "a callback's name, or one name with options",
        item,
      );
    }
    const [name, options] = entry;
    const pointer = toPointer(["callbacks", String(i), name]);
    const schema = await lookup.callback({ name, pointer, where: describeOrigin(options.origin) });
    schemas.push({ name, schema });
  }
  return schemas;
}

function misplaced(
  origin: Origin,
  keys: readonly string[],
  expected: string,
  node: SpecNode | undefined,
): SpecError {
  const got = node ? JSON.stringify(toPlain(node)) : "nothing";
  const pointer = toPointer(["callbacks", ...keys]);
  return new SpecError(describeOrigin(origin), pointer, `expected ${expected}, got ${got}`);
}

function textAt(root: SpecMapping, section: string, key: string): string | undefined {
  const holder = root.entries.get(section);
  const node = holder && child(holder, key);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}
