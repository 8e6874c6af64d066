import { RandomStream } from "../../base/random.ts";
import { activePoint, meetsConstraints, pointKey, type Point, type SearchSpace } from "../point.ts";
import { sampleDomain } from "../sampleDomain.ts";
import type { Searcher, SearcherOptions } from "../searcher.ts";

/** Draws for one point, of which all but the last broke a constraint or were drawn before. */
const maxDraws = 1000;

/**
 * Independent draws. Each number depends on the seed, the point's index and the parameter's name
 * alone, so that another parameter, or trials side by side, change no other draw. No point comes
 * twice; a space in which no other can be found has no more.
 */
export function randomSearcher({ space, seed }: SearcherOptions): Searcher {
  const points: Point[] = [];
  const seen = new Set<string>();
  const next = (index: number): Point | undefined => {
    for (let draw = 0; draw < maxDraws; draw++) {
      const point = drawPoint(space, seed, index, draw);
      const key = pointKey(point);
      if (seen.has(key) || !meetsConstraints(space, point)) continue;
      seen.add(key);
      return point;
    }
    return undefined;
  };
  return {
    name: "random",
    count: undefined,
    suggest(index) {
      while (points.length <= index) {
        const point = next(points.length);
        if (!point) return undefined;
        points.push(point);
      }
      return points[index];
    },
  };
}

/** @param draw which attempt at the point this is */
function drawPoint(space: SearchSpace, seed: number, index: number, draw: number): Point {
  const values = space.parameters.map(({ name, domain, origin }) => {
    const stream = new RandomStream(seed, `sweep ${name}`, index * maxDraws + draw);
    const u = (stream.uint32() + 0.5) / 2 ** 32; // neither 0 nor 1, where bells have no end
    return [name, sampleDomain(domain, u, origin)] as const;
  });
  return activePoint(space, new Map(values));
}
