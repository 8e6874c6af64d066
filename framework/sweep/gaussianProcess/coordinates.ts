import { toPlain } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { placeInDistribution } from "../placeInDistribution.ts";
import type { Point, SearchSpace } from "../point.ts";
import { dimensions } from "../unitPoint.ts";

/** Points as places of a cube in which near means alike. */
export interface Coordinates {
  readonly length: number;
  of(point: Point): Float64Array;
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
  const length = widths.reduce((sum, width) => sum + width, 0);
  return {
    length,
    of(point) {
      const row = new Float64Array(length);
      let at = 0;
      parameters.forEach((parameter, i) => {
        row.set(coordinatesOf(parameter, point), at);
        at += widths[i]!;
      });
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
