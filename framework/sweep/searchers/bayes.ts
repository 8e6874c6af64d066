import type { RandomStream } from "../../base/random.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { bestFirst } from "../bestFirst.ts";
import { coordinates, type Coordinates } from "../gaussianProcess/coordinates.ts";
import { evenValues } from "../gaussianProcess/evenValues.ts";
import { logExpectedImprovement } from "../gaussianProcess/expectedImprovement.ts";
import { fitKernel, GaussianProcess } from "../gaussianProcess/gaussianProcess.ts";
import { learningSearcher, type Found } from "../learningSearcher.ts";
import { clampPlace } from "../placeInDistribution.ts";
import type { Point, SearchSpace } from "../point.ts";
import type { Observation, Searcher, SearcherOptions } from "../searcher.ts";
import { dimensions, openUniform, pointStream, unitPoint } from "../unitPoint.ts";

/** Points drawn at random before anything is learnt. */
const startupPoints = 10;
/** Observations that are learnt from, half of them the best and half the newest. */
const mostObservations = 150;
const randomCandidates = 1000;
/** Of the best candidates, how many are improved step by step, and in how many steps. */
const refined = 5;
const refineSteps = 120;
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
      const score = scoreAfter(axes, found);
      return (index, attempt) =>
        mostPromising(space, pointStream(seed, "bayes", index, attempt), score);
    },
  });
}

/** Mean of the values that are learnt from, as they are evened out. */
const mediocre = 0;

type Score = (point: Point) => number;

/** The logarithm of a point's expected improvement. */
function scoreAfter(axes: Coordinates, { observations, pending, stopped }: Found): Score {
  const known = learntFrom(observations);
  const places = known.map(({ point }) => axes.of(point));
  const values = evenValues(known.map(({ values }) => values[0]!));
  const settings = fitKernel(places, values, axes.length);
  const process = new GaussianProcess(settings, places, values);
  const best = Math.min(...places.map((place) => process.predict(place).mean));
  const tried = [...pending, ...stopped].map(({ point }) => axes.of(point));
  const believed = tried.map((place, i) => {
    const { mean } = process.predict(place);
    return i < pending.length ? mean : Math.max(mean, mediocre);
  });
  const after =
    tried.length === 0
      ? process
      : new GaussianProcess(
          settings,
          [...places, ...tried],
          Float64Array.of(...values, ...believed),
        );
  return (point) => logExpectedImprovement(after.predict(axes.of(point)), best);
}

function learntFrom(observations: readonly Observation[]): readonly Observation[] {
  if (observations.length <= mostObservations) return observations;
  const half = mostObservations / 2;
  const newest = observations.slice(-half);
  const best = bestFirst(observations.slice(0, -half)).slice(0, half);
  return [...best, ...newest];
}

/** A place of the unit cube for each parameter, and how good its point is. */
interface Candidate {
  readonly places: ReadonlyMap<string, number>;
  readonly point: Point;
  readonly score: number;
}

/** The best of many random points, after those that promise most were moved to better places. */
function mostPromising(space: SearchSpace, stream: RandomStream, score: Score): Point {
  const parameters = dimensions(space);
  const at = (places: ReadonlyMap<string, number>): Candidate => {
    const point = unitPoint(space, ({ name }) => places.get(name) ?? 0.5);
    return { places, point, score: score(point) };
  };
  const drawn = Array.from({ length: randomCandidates }, () =>
    at(new Map(parameters.map(({ name }) => [name, openUniform(stream)]))),
  );
  const starts = drawn.sort((a, b) => b.score - a.score).slice(0, refined);
  const improved = starts.map((start) => climb(start, parameters, stream, at));
  return improved.reduce((best, each) => (each.score > best.score ? each : best)).point;
}

/** Tries moves of one or of all parameters, which become smaller; those that help are made. */
function climb(
  start: Candidate,
  parameters: readonly SweepParameter[],
  stream: RandomStream,
  at: (places: ReadonlyMap<string, number>) => Candidate,
): Candidate {
  let best = start;
  for (let step = 0; step < refineSteps; step++) {
    const width = 0.2 * 0.97 ** step;
    const only = step % 2 === 0 ? undefined : parameters[stream.integer(parameters.length)];
    const moved = parameters.map((parameter) => {
      const { name, domain } = parameter;
      const place = best.places.get(name)!;
      if (only && parameter !== only) return [name, place] as const;
      if (domain.kind === "categorical") {
        return [name, only || stream.uniform() < 0.1 ? openUniform(stream) : place] as const;
      }
      return [name, reflected(place + width * stream.normal())] as const;
    });
    const candidate = at(new Map(moved));
    if (candidate.score > best.score) best = candidate;
  }
  return best;
}

/** Back into (0, 1). */
function reflected(place: number): number {
  const folded = Math.abs(place) % 2;
  return clampPlace(folded > 1 ? 2 - folded : folded);
}
