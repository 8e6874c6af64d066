import { meetsConstraints, pointKey, type Point, type SearchSpace } from "./point.ts";

/** Tries for one point, of which all but the last broke a constraint or gave an earlier point. */
const maxTries = 1000;

export interface DistinctPoints {
  /** The point of an index; undefined when no other can be found. */
  readonly at: (index: number) => Point | undefined;
  /** Appends a point that was made before. */
  readonly adopt: (point: Point) => void;
  /** Keeps a point from being made. */
  readonly exclude: (point: Point) => void;
}

/**
 * A sequence of different points that meet the constraints, made as they are asked for.
 *
 * @param make the point of an index; `attempt` counts from 0 the tries until one is accepted.
 *   Undefined: there are no more
 */
export function distinctPoints(
  space: SearchSpace,
  make: (index: number, attempt: number) => Point | undefined,
): DistinctPoints {
  const points: Point[] = [];
  const seen = new Set<string>();
  const next = (index: number): Point | undefined => {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const point = make(index, attempt);
      if (!point) return undefined;
      const key = pointKey(point);
      if (seen.has(key) || !meetsConstraints(space, point)) continue;
      seen.add(key);
      return point;
    }
    return undefined;
  };
  return {
    at(index) {
      while (points.length <= index) {
        const point = next(points.length);
        if (!point) return undefined;
        points.push(point);
      }
      return points[index];
    },
    adopt(point) {
      points.push(point);
      seen.add(pointKey(point));
    },
    exclude(point) {
      seen.add(pointKey(point));
    },
  };
}
