import { SpecError } from "../base/errors.ts";
import { suggest } from "../base/nearest.ts";
import { forbiddenKeys, parseSpecText } from "./parseSpecText.ts";
import { describeOrigin, mapping, merge, toPointer } from "./specNode.ts";
import type { Origin, SpecList, SpecMapping, SpecNode } from "./specNode.ts";

const commandLine = "command line";
const origin: Origin = { file: commandLine };

/** A place in a tree that holds a value or could. */
interface Slot {
  get(): SpecNode | undefined;
  set(value: SpecNode): void;
}

/**
 * Sets one value, written `path.to.key=value` with the value in YAML. A number, or the name of an
 * entry, selects an item of a list: `callbacks.0=...`, `callbacks.earlyStopping.patience=5`.
 * Mappings on the way are made; whether their keys exist is for the schema to say.
 */
export function applyOverride(root: SpecMapping, override: string): void {
  const equals = override.indexOf("=");
  const keys = override.slice(0, Math.max(0, equals)).split(".");
  if (keys.some((key) => key === "" || forbiddenKeys.has(key))) {
    throw new SpecError(commandLine, "", `expected path.to.key=value, got "${override}"`);
  }
  slotAt({ root, origin }, keys).set(parseSpecText(override.slice(equals + 1), commandLine, keys));
}

/**
 * Sets one value as an override does. A mapping is laid on the mapping that is there; anything else
 * takes its place.
 *
 * @throws {SpecError} at the value's origin
 */
export function setValue(root: SpecMapping, keys: readonly string[], value: SpecNode): void {
  const slot = slotAt({ root, origin: value.origin }, keys);
  const below = slot.get();
  const both = below?.kind === "mapping" && value.kind === "mapping";
  slot.set(both ? merge(below, value) : value);
}

/** A tree, and where what is set in it was written. */
interface Target {
  readonly root: SpecMapping;
  readonly origin: Origin;
}

function slotAt(target: Target, keys: readonly string[]): Slot {
  return keys.slice(1).reduce(
    (slot, key, i) => {
      const above = keys.slice(0, i + 1);
      return slotOf(openSlot(slot, target, above), key, target, above);
    },
    slotOf(target.root, keys[0] ?? "", target, []),
  );
}

/** @param above the keys that lead to `node`, for messages */
function slotOf(
  node: SpecMapping | SpecList,
  key: string,
  target: Target,
  above: readonly string[],
): Slot {
  if (node.kind === "mapping") {
    return { get: () => node.entries.get(key), set: (value) => node.entries.set(key, value) };
  }
  if (!/^\d+$/.test(key)) return slotOf(namedItem(node, key, target, above), key, target, above);
  const index = Number(key);
  if (index >= node.items.length) {
    fail(target, [...above, key], `expected an index below ${node.items.length}, got ${key}`);
  }
  return { get: () => node.items[index], set: (value) => (node.items[index] = value) };
}

/** The mapping or list in a slot; made when there is nothing yet. */
function openSlot(slot: Slot, target: Target, keys: readonly string[]): SpecMapping | SpecList {
  const node = slot.get();
  if (node && node.kind !== "scalar") return node;
  if (node && node.value !== null) {
    fail(
      target,
      keys,
      `expected a mapping or list to set a value in, got ${JSON.stringify(node.value)}`,
    );
  }
  const made = mapping(target.origin);
  slot.set(made);
  return made;
}

/** The item `name` or `name: {...}` of a list such as `callbacks`, as a mapping with that key. */
function namedItem(
  list: SpecList,
  name: string,
  target: Target,
  above: readonly string[],
): SpecMapping {
  const names = list.items.map(nameOf);
  const index = names.indexOf(name);
  const item = list.items[index];
  if (!item) {
    const known = names.filter((other) => other !== undefined);
    fail(
      target,
      [...above, name],
      `expected an index or a name in the list, got "${name}"${suggest(name, known)}`,
    );
  }
  if (item.kind === "mapping") return item;
  const opened = mapping(item.origin, [[name, mapping(item.origin)]]);
  list.items[index] = opened;
  return opened;
}

function nameOf(item: SpecNode): string | undefined {
  if (item.kind === "scalar") return typeof item.value === "string" ? item.value : undefined;
  return item.kind === "mapping" && item.entries.size === 1
    ? [...item.entries.keys()][0]
    : undefined;
}

function fail({ origin: from }: Target, keys: readonly string[], problem: string): never {
  throw new SpecError(describeOrigin(from), toPointer(keys), problem);
}
