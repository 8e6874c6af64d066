import { distinctPoints } from "../distinctPoints.ts";
import type { Searcher, SearcherOptions } from "../searcher.ts";
import { randomPoint } from "../unitPoint.ts";

/**
 * Independent draws. Each number depends on the seed, the point's index and the parameter's name
 * alone, so that another parameter, or trials side by side, change no other draw. No point comes
 * twice; a space in which no other can be found has no more.
 */
export function randomSearcher({ space, seed }: SearcherOptions): Searcher {
  const distinct = distinctPoints(space, (index, attempt) =>
    randomPoint(space, seed, index, attempt),
  );
  return { name: "random", count: undefined, suggest: distinct.at };
}
