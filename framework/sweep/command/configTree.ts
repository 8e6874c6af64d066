import { setValue } from "../../spec/overrides.ts";
import { copyNode, mapping, scalar, type SpecMapping } from "../../spec/specNode.ts";
import type { SweepSpec } from "../../spec/sweepSpec.ts";
import type { Point } from "../point.ts";

/**
 * What a trial sets in a program that is no spec: nested as the sweep's file is, so that a name with
 * dots stays one, as with W&B.
 *
 * @param seed undefined: none is passed
 */
export function configTree(
  { parameters, root: { origin } }: SweepSpec,
  point: Point,
  seed: number | undefined,
): SpecMapping {
  const config = mapping(origin);
  for (const { name, keys } of parameters) {
    const node = point.get(name);
    if (node) setValue(config, keys, copyNode(node));
  }
  if (seed !== undefined) config.entries.set("seed", scalar(seed, origin));
  return config;
}
