import { InputError } from "../../base/errors.ts";
import type { SpecNode } from "../../spec/specNode.ts";
import { activePoint, meetsConstraints, pointKey, type Point, type SearchSpace } from "../point.ts";
import { gridValues } from "../sampleDomain.ts";
import type { Searcher, SearcherOptions } from "../searcher.ts";

const maxPoints = 1_000_000;

/**
 * Every combination of the parameters' values in W&B's order: names sorted, the last one the
 * fastest, values as they are written. Points that are equal once parameters not in use are left
 * out come once, at the first's place.
 *
 * @throws {InputError} for a grid of more than a million combinations
 */
export function gridSearcher({ space }: SearcherOptions): Searcher {
  const points = [...distinctPoints(space)];
  return { name: "grid", count: points.length, suggest: (index) => points[index] };
}

function* distinctPoints(space: SearchSpace): Generator<Point> {
  const axes = space.parameters.map(({ name, domain, origin }): Axis => {
    return { name, values: gridValues(domain, origin) };
  });
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  if (size > maxPoints) {
    throw new InputError(
      `Cannot make a grid: expected at most ${maxPoints} combinations, got ${size}; set method: random`,
    );
  }
  const seen = new Set<string>();
  for (let i = 0; i < size; i++) {
    const point = activePoint(space, combination(axes, i));
    const key = pointKey(point);
    if (seen.has(key) || !meetsConstraints(space, point)) continue;
    seen.add(key);
    yield point;
  }
}

interface Axis {
  readonly name: string;
  readonly values: readonly SpecNode[];
}

/** Number `index` of a product, whose last axis is the fastest. */
function combination(axes: readonly Axis[], index: number): Point {
  let rest = index;
  const digits = axes.toReversed().map(({ values }) => {
    const digit = rest % values.length;
    rest = Math.floor(rest / values.length);
    return digit;
  });
  return new Map(
    axes.map(({ name, values }, i) => [name, values[digits[axes.length - 1 - i]!]!] as const),
  );
}
