import { RandomStream } from "../base/random.ts";
import type { SweepParameter } from "../spec/sweepParameters.ts";
import { activePoint, type Point, type SearchSpace } from "./point.ts";
import { sampleDomain } from "./sampleDomain.ts";

/** Draws that are kept apart for each point. */
const drawsPerPoint = 1000;

/**
 * The point at a place of the unit cube.
 *
 * @param placeOf of each parameter, in (0, 1)
 */
export function unitPoint(
  space: SearchSpace,
  placeOf: (parameter: SweepParameter) => number,
): Point {
  const values = space.parameters.map((parameter) => {
    const { name, domain, origin } = parameter;
    return [name, sampleDomain(domain, placeOf(parameter), origin)] as const;
  });
  return activePoint(space, new Map(values));
}

/** A point of independent draws. @param attempt which try at the point this is, below 1000 */
export function randomPoint(
  space: SearchSpace,
  seed: number,
  index: number,
  attempt: number,
): Point {
  return unitPoint(space, ({ name }) =>
    openUniform(pointStream(seed, `sweep ${name}`, index, attempt)),
  );
}

/** Draws for one try at a point. @param attempt below 1000 */
export const pointStream = (
  seed: number,
  name: string,
  index: number,
  attempt: number,
): RandomStream => new RandomStream(seed, name, index * drawsPerPoint + attempt);

/** Uniform in (0, 1), without its ends, at which bells are infinite. */
export const openUniform = (stream: RandomStream): number => (stream.uint32() + 0.5) / 2 ** 32;

/** Parameters that have more than one value: the dimensions of a search. */
export function dimensions({ parameters }: SearchSpace): SweepParameter[] {
  return parameters.filter(({ domain }) => {
    return domain.kind !== "categorical" || domain.values.length > 1;
  });
}
