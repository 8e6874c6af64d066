import { RandomStream } from "../../base/random.ts";
import type { SpecNode } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { distinctPoints } from "../distinctPoints.ts";
import { activePoint, type Point } from "../point.ts";
import type { Observation, Searcher, SearcherOptions } from "../searcher.ts";
import { axisOf } from "../tpe/axis.ts";
import { randomPoint } from "../unitPoint.ts";

/** Points drawn at random before anything is learnt. */
const startupPoints = 10;
/** Values of each parameter that are drawn and compared. */
const candidates = 24;
/** Tries for a point that was not tried yet, before one is drawn at random. */
const learntTries = 20;

/**
 * Tree-structured Parzen estimator: every parameter's values are drawn like those of the best tenth
 * of the points, as unlike those of the others as can be. After 10 random points; each parameter by
 * itself, so that one which is not always in use learns from the points that have it.
 *
 * Source: Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for hyper-parameter optimization", with
 * the choices of Optuna 4.9.
 */
export function tpeSearcher({ space, seed }: SearcherOptions): Searcher {
  let observations: readonly Observation[] = [];
  const distinct = distinctPoints(space, (index, attempt) => {
    const isLearnt = observations.length >= startupPoints && attempt < learntTries;
    if (!isLearnt) return randomPoint(space, seed, index, attempt);
    const groups = splitObservations(observations);
    const values = space.parameters.map((parameter) => {
      const stream = new RandomStream(seed, `tpe ${parameter.name}`, index * 1000 + attempt);
      return [parameter.name, bestValue(parameter, groups, stream)] as const;
    });
    return activePoint(space, new Map(values));
  });
  return {
    name: "tpe",
    count: undefined,
    independent: startupPoints,
    suggest(index, seen) {
      observations = seen;
      return distinct.at(index);
    },
    adopt: distinct.adopt,
  };
}

/** Points that were good, and all others; each in their own order. */
export interface ObservationGroups {
  readonly below: readonly Observation[];
  readonly above: readonly Observation[];
}

/** The best tenth, rounded up, at most 25. Among equal values the earlier one is the better. */
export function splitObservations(observations: readonly Observation[]): ObservationGroups {
  const count = Math.min(Math.ceil(0.1 * observations.length), 25);
  const rank = (value: number): number => (Number.isNaN(value) ? Infinity : value);
  const best = new Set(
    [...observations]
      .sort((a, b) => compare(rank(a.value), rank(b.value)) || a.index - b.index)
      .slice(0, count),
  );
  return {
    below: observations.filter((each) => best.has(each)),
    above: observations.filter((each) => !best.has(each)),
  };
}

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));

function bestValue(
  parameter: SweepParameter,
  { below, above }: ObservationGroups,
  stream: RandomStream,
): SpecNode {
  const axis = axisOf(parameter);
  const numbers = (group: readonly Observation[]): number[] =>
    valuesOf(
      parameter.name,
      group.map(({ point }) => point),
    ).map((value) => axis.toNumber(value));
  const [good, other] = [axis.parzen(numbers(below)), axis.parzen(numbers(above))];
  let [best, bestScore] = [good.draw(stream), -Infinity];
  for (let i = 0; i < candidates; i++) {
    const number = i === 0 ? best : good.draw(stream);
    const score = good.logDensity(number) - other.logDensity(number);
    if (score > bestScore) [best, bestScore] = [number, score];
  }
  return axis.toValue(best);
}

const valuesOf = (name: string, points: readonly Point[]): SpecNode[] =>
  points.flatMap((point) => point.get(name) ?? []);
