import { distinctPoints } from "./distinctPoints.ts";
import type { Point } from "./point.ts";
import type { Observation, Searcher, SearcherOptions } from "./searcher.ts";
import { randomPoint } from "./unitPoint.ts";

/** What is known when a point is chosen. */
export interface Found {
  readonly observations: readonly Observation[];
  /** Those that were stopped early, where they are none of `observations`. */
  readonly stopped: readonly Observation[];
  /** Points that were suggested and have no result yet, with their numbers. */
  readonly pending: readonly { readonly index: number; readonly point: Point }[];
}

/** A try at a point of this number. @param attempt counts from 0 until a point is accepted */
export type Draw = (index: number, attempt: number) => Point;

export interface LearningSearcherOptions extends SearcherOptions {
  readonly name: string;
  /** How many of the first points do not depend on observations; left out: those of the start. */
  readonly independent?: number;
  /** Observations from which on something is learnt, earlier ones included; until then points are random. */
  readonly startup: number;
  /** Tries for a point that was not tried yet, before one is drawn at random. */
  readonly learntTries: number;
  /** Whether trials that were stopped early are `observations`, which count for the start. */
  readonly learnsFromStopped?: boolean;
  /** Called once for each point, after the start. */
  learn(found: Found): Draw;
}

/** A searcher whose points, after some random ones, depend on what others have found. */
export function learningSearcher(options: LearningSearcherOptions): Searcher {
  const { name, startup, learntTries, learnsFromStopped = false, space, seed } = options;
  const { earlier = [] } = options;
  const { independent = Math.max(0, startup - earlier.length) } = options;
  const suggested: Point[] = [];
  let observations: readonly Observation[] = earlier;
  let draw: Draw | undefined;
  const distinct = distinctPoints(space, (index, attempt) => {
    const isStopped = ({ stoppedAt }: Observation): boolean =>
      stoppedAt !== undefined && !learnsFromStopped;
    const learnt = observations.filter((each) => !isStopped(each));
    if (learnt.length < startup || attempt >= learntTries) {
      return randomPoint(space, seed, index, attempt);
    }
    if (attempt === 0 || !draw) {
      const pending = withoutResult(suggested, observations);
      draw = options.learn({
        observations: learnt,
        stopped: observations.filter(isStopped),
        pending,
      });
    }
    return draw(index, attempt);
  });
  for (const { point } of earlier) distinct.exclude(point);
  return {
    name,
    count: undefined,
    independent,
    suggest(index, seen) {
      observations = [...earlier, ...seen];
      const point = distinct.at(index);
      if (point) suggested[index] = point;
      return point;
    },
    adopt(point) {
      suggested.push(point);
      distinct.adopt(point);
    },
  };
}

function withoutResult(
  suggested: readonly Point[],
  observations: readonly Observation[],
): Found["pending"] {
  const seen = new Set(observations.map(({ index }) => index));
  return suggested.flatMap((point, index) => (seen.has(index) ? [] : { index, point }));
}
