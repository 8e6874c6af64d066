import { InputError } from "../../base/errors.ts";
import { RandomStream } from "../../base/random.ts";
import { distinctPoints } from "../distinctPoints.ts";
import type { Searcher, SearcherOptions } from "../searcher.ts";
import { maxSobolDimensions, sobolCoordinate } from "../sobolSequence.ts";
import { dimensions, unitPoint } from "../unitPoint.ts";

/**
 * Points of Sobol's sequence, which fill the space evenly from the first on: the best of each number
 * is a power of two. Every parameter's coordinates are shifted by its own random bits. What breaks a
 * constraint, or gives an earlier point, is passed over.
 *
 * @throws {InputError} for more parameters than the sequence has dimensions here
 */
export function sobolSearcher({ space, seed }: SearcherOptions): Searcher {
  const names = dimensions(space).map(({ name }) => name);
  if (names.length > maxSobolDimensions) {
    throw new InputError(
      `Cannot search with sobol: expected at most ${maxSobolDimensions} parameters that vary, got ${names.length}; set method: random`,
    );
  }
  const shifts = new Map(
    names.map((name) => [name, new RandomStream(seed, `sweep ${name}`).uint32()]),
  );
  let at = 0;
  const distinct = distinctPoints(space, () => {
    const index = at++;
    return unitPoint(space, ({ name }) => {
      const bits = sobolCoordinate(index, Math.max(0, names.indexOf(name)));
      return (((bits ^ (shifts.get(name) ?? 0)) >>> 0) + 0.5) / 2 ** 32;
    });
  });
  return { name: "sobol", count: undefined, suggest: distinct.at };
}
