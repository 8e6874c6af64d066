import { toPlain } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { placeInDistribution } from "../placeInDistribution.ts";
import type { Point, SearchSpace } from "../point.ts";
import { dimensions } from "../unitPoint.ts";

/** Points as places of a cube in which near means alike. */
export interface Coordinates {
  readonly length: number;
  of(point: Point): Float64Array;
  /** Where a parameter's coordinate is; of a choice, its first one. */
  offsetOf(name: string): number;
}

/**
 * Numbers are their places in their distributions. Choices have a coordinate each, so that any two of
 * them are as far apart as the ends of a number. A parameter that is not in use is in the middle.
 */
export function coordinates(space: SearchSpace): Coordinates {
  const parameters = dimensions(space);
  const widths = parameters.map(({ domain }) =>
    domain.kind === "categorical" ? domain.values.length : 1,
  );
  const offsets = new Map<string, number>();
  let length = 0;
  for (const [i, { name }] of parameters.entries()) {
    offsets.set(name, length);
    length += widths[i]!;
  }
  return {
    length,
    offsetOf: (name) => offsets.get(name)!,
    of(point) {
      const row = new Float64Array(length);
      for (const parameter of parameters) {
        row.set(coordinatesOf(parameter, point), offsets.get(parameter.name)!);
      }
      return row;
    },
  };
}

function coordinatesOf({ name, domain }: SweepParameter, point: Point): number[] {
  const value = point.get(name);
  if (domain.kind !== "categorical") {
    return [value ? placeInDistribution(domain, Number(toPlain(value))) : 0.5];
  }
  const { values } = domain;
  if (!value) return values.map(() => Math.SQRT1_2 / values.length);
  const chosen = values.indexOf(value);
  return values.map((_, i) => (i === chosen ? Math.SQRT1_2 : 0));
}
