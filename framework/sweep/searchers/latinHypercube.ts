import { InputError } from "../../base/errors.ts";
import { RandomStream } from "../../base/random.ts";
import { distinctPoints } from "../distinctPoints.ts";
import type { Searcher, SearcherOptions } from "../searcher.ts";
import { dimensions, openUniform, unitPoint } from "../unitPoint.ts";

/**
 * So many draws that every parameter's distribution is cut into as many parts of equal mass, each of
 * which is drawn from once. What breaks a constraint, or is drawn twice of few values, is left out.
 *
 * Source: McKay, Beckman & Conover 1979, "A comparison of three methods for selecting values of
 * input variables".
 *
 * @throws {InputError} when nobody says how many points there are
 */
export function latinHypercubeSearcher({ space, seed, points }: SearcherOptions): Searcher {
  if (points === undefined) {
    throw new InputError(
      "Cannot draw from a Latin hypercube: expected a number of trials, got none; set run_cap",
    );
  }
  const columns = new Map(
    dimensions(space).map(({ name }) => {
      const parts = new RandomStream(seed, `sweep parts ${name}`).permutation(points);
      const within = new RandomStream(seed, `sweep ${name}`);
      return [name, Array.from(parts, (part) => (part + openUniform(within)) / points)] as const;
    }),
  );
  let row = 0; // rows that were left out do not come back
  const distinct = distinctPoints(space, () => {
    const at = row++;
    if (at >= points) return undefined;
    return unitPoint(space, ({ name }) => columns.get(name)?.[at] ?? 0.5);
  });
  return { name: "latin_hypercube", count: undefined, suggest: distinct.at };
}
