import path from "node:path";

import { setValue } from "../spec/overrides.ts";
import { readSpec } from "../spec/readSpec.ts";
import { child, copyNode, mapping, merge, scalar, toPointer } from "../spec/specNode.ts";
import type { SpecMapping, SpecNode } from "../spec/specNode.ts";
import { failAt } from "../spec/specPlace.ts";
import type { SweepSpec } from "../spec/sweepSpec.ts";
import type { Point } from "./point.ts";

/**
 * The experiment's spec of one trial, not yet checked: the program's, with the point's values in
 * their places. `extends`, and every parameter below it, is another file or a mapping that is laid
 * on the whole spec; these come first.
 *
 * @param program the program's spec, which stays as it is
 * @param seed undefined: the program's own
 * @param readFile gives a file with what it extends, which stays as it is
 * @throws {SpecError} for a value that has no place
 */
export function trialTree(
  program: SpecMapping,
  sweep: SweepSpec,
  point: Point,
  seed: number | undefined,
  readFile: (file: string) => SpecMapping = (file) => readSpec(file).root,
): SpecMapping {
  const layers = [...point]
    .filter(([name]) => isLayer(name))
    .map((value) => layerOf(value, readFile));
  const root = copyNode([program, ...layers].reduce(merge));
  for (const [name, node] of point) {
    if (!isLayer(name)) setValue(root, name.split("."), copyNode(node));
  }
  const { origin } = sweep.root;
  root.entries.set("name", scalar(sweep.name, origin));
  if (seed !== undefined) root.entries.set("seed", scalar(seed, origin));
  nameWandb(root, sweep);
  return root;
}

const isLayer = (name: string): boolean => name === "extends" || name.startsWith("extends.");

function layerOf(
  [name, node]: readonly [string, SpecNode],
  readFile: (file: string) => SpecMapping,
): SpecMapping {
  if (node.kind === "mapping") return node;
  const { origin } = node;
  const isText = node.kind === "scalar" && typeof node.value === "string";
  if (!isText) {
    failAt({ origin, pointer: toPointer(["parameters", name]) }, "expected a file or a mapping");
  }
  return readFile(path.resolve(path.dirname(origin.file), String(node.value)));
}

/** W&B's project and entity, where neither the program nor the point says them or turns W&B off. */
function nameWandb(root: SpecMapping, { wandb, root: { origin } }: SweepSpec): void {
  const names = Object.entries(wandb).map(([key, value]): [string, SpecNode] => {
    return [key, scalar(value, origin)];
  });
  const loggers = root.entries.get("loggers");
  const written = loggers && child(loggers, "wandb");
  const isOpen = !written || (written.kind === "scalar" && written.value === true);
  if (names.length === 0 || !(isOpen || written.kind === "mapping")) return;
  const below = mapping(origin, names);
  setValue(root, ["loggers", "wandb"], written?.kind === "mapping" ? merge(below, written) : below);
}
