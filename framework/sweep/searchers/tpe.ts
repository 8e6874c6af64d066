import type { RandomStream } from "../../base/random.ts";
import type { SpecNode } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { bestFirst } from "../bestFirst.ts";
import { learningSearcher, type Found } from "../learningSearcher.ts";
import { activePoint, type Point, type SearchSpace } from "../point.ts";
import type { Observation, Searcher, SearcherOptions } from "../searcher.ts";
import { axisOf } from "../tpe/axis.ts";
import { jointParzen, type Parzen } from "../tpe/parzen.ts";
import { pointStream } from "../unitPoint.ts";

/** Points drawn at random before anything is learnt. */
const startupPoints = 10;
/** Draws of parameters that are compared. */
const candidates = 64;
/** Tries for a point that was not tried yet, before one is drawn at random. */
const learntTries = 20;

/**
 * Tree-structured Parzen estimator: values are drawn like those of the best tenth of the points, as
 * unlike those of the others as can be. After 10 random points. Parameters that are in use together
 * are drawn together, so that what fits each other stays; one that is not always in use learns
 * from the points that have it. What was suggested and has no result yet counts among the others, so
 * that trials side by side differ ("constant liar"). What was stopped early is worse than all that was
 * not, and the better the farther it got.
 *
 * Source: Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for hyper-parameter optimization", with
 * most choices of Optuna 5.0 (which compares 24 draws); Falkner, Klein & Hutter 2018 for the joint kernels.
 */
export function tpeSearcher(options: SearcherOptions): Searcher {
  const { space, seed } = options;
  const groups = parameterGroups(space);
  return learningSearcher({
    ...options,
    ...{ name: "tpe", startup: startupPoints, learntTries, learnsFromStopped: true },
    learn(found) {
      const sides = splitPoints(found);
      return (index, attempt) => {
        const values = groups.flatMap((parameters) => {
          const name = parameters.map((each) => each.name).join(" ");
          return bestValues(parameters, sides, pointStream(seed, `tpe ${name}`, index, attempt));
        });
        return activePoint(space, new Map(values));
      };
    },
  });
}

/** Parameters that are always in use, and those that the same conditions turn on. */
function parameterGroups({ parameters }: SearchSpace): SweepParameter[][] {
  const groups = new Map<string, SweepParameter[]>();
  for (const parameter of parameters) {
    const conditions = parameter.when
      .map(({ text }) => text)
      .sort()
      .join(" and ");
    groups.set(conditions, [...(groups.get(conditions) ?? []), parameter]);
  }
  return [...groups.values()];
}

/** Points to resemble, and points not to, in the order of their numbers. */
interface Sides {
  readonly below: readonly Point[];
  readonly above: readonly Point[];
}

function splitPoints({ observations, pending }: Found): Sides {
  const { below, above } = splitObservations(observations);
  const byIndex = (all: readonly { index: number; point: Point }[]): Point[] =>
    [...all].sort((a, b) => a.index - b.index).map(({ point }) => point);
  return { below: byIndex(below), above: byIndex([...above, ...pending]) };
}

/** Points that were good, and all others; each in their own order. */
export interface ObservationGroups {
  readonly below: readonly Observation[];
  readonly above: readonly Observation[];
}

/** The best tenth, rounded up, at most 25. Among equal values the earlier one is the better. */
export function splitObservations(observations: readonly Observation[]): ObservationGroups {
  const count = Math.min(Math.ceil(0.1 * observations.length), 25);
  const best = new Set(bestFirst(observations).slice(0, count));
  return {
    below: observations.filter((each) => best.has(each)),
    above: observations.filter((each) => !best.has(each)),
  };
}

/** Values of some parameters that are in use together. */
function bestValues(
  parameters: readonly SweepParameter[],
  { below, above }: Sides,
  stream: RandomStream,
): [name: string, value: SpecNode][] {
  const axes = parameters.map((parameter) => ({ ...axisOf(parameter), name: parameter.name }));
  const densityOf = (points: readonly Point[]): Parzen => {
    const having = points.filter((point) => axes.every(({ name }) => point.has(name)));
    const kernels = axes.map((axis) =>
      axis.kernels(having.map((point) => axis.toNumber(point.get(axis.name)!))),
    );
    return jointParzen(kernels, having.length);
  };
  const [good, other] = [densityOf(below), densityOf(above)];
  let [best, bestScore] = [good.draw(stream), -Infinity];
  for (let i = 0; i < candidates; i++) {
    const numbers = i === 0 ? best : good.draw(stream);
    const score = good.logDensity(numbers) - other.logDensity(numbers);
    if (score > bestScore) [best, bestScore] = [numbers, score];
  }
  return axes.map((axis, i) => [axis.name, axis.toValue(best[i]!)]);
}
