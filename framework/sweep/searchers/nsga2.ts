import type { RandomStream } from "../../base/random.ts";
import { toPlain, type SpecNode } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { learningSearcher } from "../learningSearcher.ts";
import { Survivors, tournament } from "../nsga2/population.ts";
import { crossedNumber, mutatedNumber } from "../nsga2/variation.ts";
import { clampPlace, placeInDistribution } from "../placeInDistribution.ts";
import { activePoint, type Point } from "../point.ts";
import { sampleDomain } from "../sampleDomain.ts";
import type { Searcher, SearcherOptions } from "../searcher.ts";
import { dimensions, openUniform, pointStream } from "../unitPoint.ts";

/** As Optuna's. */
const defaultPopulation = 50;
const crossoverChance = 0.9;
/** Tries for a child that was not tried yet, before a point is drawn at random. */
const learntTries = 100;

/**
 * A population of points that breeds: children of the better ones take its places, for several objectives
 * as well as for one. First `population` random points. Each result takes part in the choice of
 * parents at once, so that a point that has not ended does not hold up others.
 *
 * Numbers are crossed and moved in their places in their distributions, so in the logarithm where that is
 * uniform. Choices come from either parent, or are drawn again.
 *
 * Source: Deb, Pratap, Agarwal & Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm:
 * NSGA-II".
 */
export function nsga2Searcher(options: SearcherOptions): Searcher {
  const { space, seed, population = defaultPopulation } = options;
  const mutationChance = 1 / Math.max(1, dimensions(space).length);
  const survivors = new Survivors(population);
  return learningSearcher({
    ...options,
    ...{ name: "nsga2", startup: population, learntTries },
    learn({ observations }) {
      const alive = survivors.after(observations);
      return (index, attempt) => {
        const drawOf = (name: string): RandomStream =>
          pointStream(seed, `nsga2 ${name}`, index, attempt);
        const stream = drawOf("");
        const first = tournament(alive, stream);
        const other = stream.uniform() < crossoverChance ? tournament(alive, stream) : first;
        const values = space.parameters.map((parameter) => {
          const { name } = parameter;
          return [
            name,
            inherited(parameter, [first.point, other.point], mutationChance, drawOf(name)),
          ] as const;
        });
        return activePoint(space, new Map(values));
      };
    },
  });
}

/** A child's value. What only one parent has in use comes from that one; what none has, is drawn. */
function inherited(
  { name, domain, origin }: SweepParameter,
  parents: readonly [Point, Point],
  mutationChance: number,
  stream: RandomStream,
): SpecNode {
  const [one, other] = parents.map((point) => point.get(name));
  const isMutated = stream.uniform() < mutationChance;
  const isSwapped = stream.uniform() < 0.5;
  const [near, far] = isSwapped ? [other ?? one, one ?? other] : [one ?? other, other ?? one];
  if (!near || !far) return sampleDomain(domain, openUniform(stream), origin);
  if (domain.kind === "categorical") {
    return isMutated ? sampleDomain(domain, openUniform(stream), origin) : near;
  }
  const placeOf = (value: SpecNode): number => placeInDistribution(domain, Number(toPlain(value)));
  const before = placeOf(near);
  const crossed = stream.uniform() < 0.5 ? crossedNumber(before, placeOf(far), stream) : before;
  const place = isMutated ? mutatedNumber(crossed, stream) : crossed;
  return place === before ? near : sampleDomain(domain, clampPlace(place), origin);
}
