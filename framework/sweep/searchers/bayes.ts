import type { RandomStream } from "../../base/random.ts";
import { bestFirst } from "../bestFirst.ts";
import { coordinates, type Coordinates } from "../gaussianProcess/coordinates.ts";
import { evenValues } from "../gaussianProcess/evenValues.ts";
import {
  logExpectedImprovement,
  logImprovementSlope,
} from "../gaussianProcess/expectedImprovement.ts";
import { fitKernel, GaussianProcess } from "../gaussianProcess/gaussianProcess.ts";
import { climb, placeOfValue, type Ground } from "../gaussianProcess/localSearch.ts";
import { learningSearcher, type Found } from "../learningSearcher.ts";
import { meetsConstraints, pointKey, type Point, type SearchSpace } from "../point.ts";
import type { Observation, Searcher, SearcherOptions } from "../searcher.ts";
import { dimensions, openUniform, pointStream, unitPoint } from "../unitPoint.ts";

/** Points drawn at random before anything is learnt. */
const startupPoints = 10;
/** Observations that are learnt from, half of them the best and half the newest. */
const mostObservations = 150;
const randomCandidates = 1000;
/** How many of these, and of the best observations, are improved step by step. */
const randomStarts = 4;
const bestStarts = 2;
/** Tries for a point that was not tried yet, before one is drawn at random. */
const learntTries = 5;

/**
 * Bayesian optimisation: a Gaussian process says what to expect of each point, and the next one is
 * that of the largest expected improvement. After 10 random points. What was suggested and has no
 * result yet counts as if it had given what is expected of it, so that trials side by side differ
 * (Ginsbourger et al. 2010, "kriging believer"). What was stopped early is no observation either, as in
 * Optuna 5.0: it counts as what is expected of it, but for no better than mediocre.
 *
 * Source: Jones, Schonlau & Welch 1998, "Efficient global optimization of expensive black-box
 * functions"; Snoek, Larochelle & Adams 2012, "Practical Bayesian optimization of machine learning
 * algorithms".
 */
export function bayesSearcher(options: SearcherOptions): Searcher {
  const { space, seed } = options;
  const axes = coordinates(space);
  return learningSearcher({
    ...options,
    ...{ name: "bayes", startup: startupPoints, learntTries },
    learn(found) {
      const ground = groundAfter(space, axes, found);
      const best = bestFirst(found.observations).slice(0, bestStarts);
      return (index, attempt) =>
        mostPromising(ground, best, pointStream(seed, "bayes", index, attempt));
    },
  });
}

/** Mean of the values that are learnt from, as they are evened out. */
const mediocre = 0;

/** The logarithm of the expected improvement of all points that were not tried. */
function groundAfter(space: SearchSpace, axes: Coordinates, found: Found): Ground {
  const { process, best } = processAfter(axes, found);
  const { observations, pending, stopped } = found;
  const tried = new Set(
    [...observations, ...pending, ...stopped].map(({ point }) => pointKey(point)),
  );
  return {
    parameters: dimensions(space),
    axes,
    at(places) {
      const point = unitPoint(space, ({ name }) => places.get(name) ?? 0.5);
      const isOpen = meetsConstraints(space, point) && !tried.has(pointKey(point));
      const score = isOpen
        ? logExpectedImprovement(process.predict(axes.of(point)), best)
        : -Infinity;
      return { places, point, score };
    },
    slope: (place) => logImprovementSlope(process.predictSlopes(place), best),
  };
}

/** What is expected after all that is known or believed, and the least that is expected of what is known. */
function processAfter(
  axes: Coordinates,
  { observations, pending, stopped }: Found,
): { process: GaussianProcess; best: number } {
  const known = learntFrom(observations);
  const places = known.map(({ point }) => axes.of(point));
  const values = evenValues(known.map(({ values }) => values[0]!));
  const settings = fitKernel(places, values, axes.length);
  const process = new GaussianProcess(settings, places, values);
  const best = Math.min(...places.map((place) => process.predict(place).mean));
  const tried = [...pending, ...stopped].map(({ point }) => axes.of(point));
  if (tried.length === 0) return { process, best };
  const believed = tried.map((place, i) => {
    const { mean } = process.predict(place);
    return i < pending.length ? mean : Math.max(mean, mediocre);
  });
  const all = [...places, ...tried];
  const after = new GaussianProcess(settings, all, Float64Array.of(...values, ...believed));
  return { process: after, best };
}

function learntFrom(observations: readonly Observation[]): readonly Observation[] {
  if (observations.length <= mostObservations) return observations;
  const half = mostObservations / 2;
  const newest = observations.slice(-half);
  const best = bestFirst(observations.slice(0, -half)).slice(0, half);
  return [...best, ...newest];
}

/** The best of many random points and the best that are known, after they were moved to better places. */
function mostPromising(ground: Ground, best: readonly Observation[], stream: RandomStream): Point {
  const { parameters } = ground;
  const drawn = Array.from({ length: randomCandidates }, () =>
    ground.at(new Map(parameters.map(({ name }) => [name, openUniform(stream)]))),
  ).sort((a, b) => b.score - a.score);
  const known = best.map(({ point }) =>
    ground.at(new Map(parameters.map((each) => [each.name, placeOfValue(each, point)]))),
  );
  const improved = [...drawn.slice(0, randomStarts), ...known].map((each) => climb(each, ground));
  return improved.reduce((most, each) => (each.score > most.score ? each : most)).point;
}
