import { InputError } from "../../base/errors.ts";
import { toPlain } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { bestFirst } from "../bestFirst.ts";
import { Evolution, type Bell, type Tried } from "../cmaEs/evolution.ts";
import { warmBell } from "../cmaEs/warmBell.ts";
import { learningSearcher } from "../learningSearcher.ts";
import { clampPlace, placeInDistribution } from "../placeInDistribution.ts";
import type { Point } from "../point.ts";
import type { Observation, Searcher, SearcherOptions } from "../searcher.ts";
import { dimensions, openUniform, pointStream, unitPoint } from "../unitPoint.ts";

/** Tries for a point that was not tried yet, before one is drawn at random. */
const learntTries = 500;

/**
 * Covariance matrix adaptation evolution strategy over the numbers; choices are drawn at random. One
 * generation of points after another, in the order of their numbers; one that has not ended yet does not
 * hold up the next. With earlier observations the first bell lies where the best of them were.
 *
 * Source: Hansen 2016, arXiv:1604.00772; see `Evolution`.
 *
 * @throws {InputError} when no number is searched
 */
export function cmaEsSearcher(options: SearcherOptions): Searcher {
  const { space, seed, earlier = [] } = options;
  const numbers = dimensions(space).filter(({ domain }) => domain.kind !== "categorical");
  if (numbers.length === 0) {
    throw new InputError(
      "Cannot search with cma_es: expected a parameter with a distribution of numbers, got choices alone; set method: tpe",
    );
  }
  const start = warmBell(
    bestFirst(earlier).map(({ point }) => placeOf(numbers, point)),
    numbers.length,
  );
  const { populationSize } = new Evolution(numbers.length, start);
  return learningSearcher({
    ...options,
    ...{ name: "cma_es", independent: populationSize, startup: 0, learntTries },
    learnsFromStopped: true,
    learn({ observations }) {
      const own = observations.filter(({ index }) => index >= 0);
      const evolution = evolved(numbers, own, start);
      return (index, attempt) => {
        const stream = pointStream(seed, "cma_es", index, attempt);
        const place = evolution.draw(stream);
        const places = new Map(numbers.map(({ name }, i) => [name, clampPlace(place[i]!)]));
        return unitPoint(space, ({ name }) => places.get(name) ?? openUniform(stream));
      };
    },
  });
}

/** After every whole generation of what was observed. */
function evolved(
  numbers: readonly SweepParameter[],
  observations: readonly Observation[],
  start: Bell | undefined,
): Evolution {
  const evolution = new Evolution(numbers.length, start);
  const { populationSize: size } = evolution;
  for (let start = 0; start + size <= observations.length; start += size) {
    const generation = bestFirst(observations.slice(start, start + size));
    evolution.tell(
      generation.map(({ point }, rank): Tried => ({ place: placeOf(numbers, point), value: rank })),
    );
  }
  return evolution;
}

/** What is not in use is in the middle. */
function placeOf(numbers: readonly SweepParameter[], point: Point): Float64Array {
  return Float64Array.from(numbers, ({ name, domain }) => {
    const value = point.get(name);
    if (!value || domain.kind === "categorical") return 0.5;
    return placeInDistribution(domain, Number(toPlain(value)));
  });
}
