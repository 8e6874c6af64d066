import type { Domain, NumberDomain } from "../../spec/distributions.ts";
import { toPlain } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { clampPlace, placeInDistribution } from "../placeInDistribution.ts";
import type { Point } from "../point.ts";
import { toMultiple } from "../sampleDomain.ts";
import type { Coordinates } from "./coordinates.ts";
import { minimiseInBox, type Slope } from "./minimiseInBox.ts";

/** A place of the unit cube for each parameter, and how much its point promises. */
export interface Candidate {
  readonly places: ReadonlyMap<string, number>;
  readonly point: Point;
  /** -Infinity: it may not be chosen. */
  readonly score: number;
}

/** What is searched. */
export interface Ground {
  readonly parameters: readonly SweepParameter[];
  readonly axes: Coordinates;
  at(places: ReadonlyMap<string, number>): Candidate;
  /** Of the score, by the coordinates. */
  slope(coordinates: Float64Array): Slope;
}

const rounds = 8;
/** What a round must gain for another one. */
const leastGain = 1e-4;
/** Where numbers stay: bells have no value at the ends. */
const box = { low: 1e-6, high: 1 - 1e-6 };
/** Values of a parameter up to which all are tried. */
const fewValues = 16;

/**
 * Climbs from a candidate: along the slope of all numbers at once, then by other values of one choice or
 * whole number after another, until neither helps.
 *
 * Source: the order of steps is Optuna 5.0's, `GPSampler`.
 *
 * @returns a candidate that promises as much, or more
 */
export function climb(start: Candidate, ground: Ground): Candidate {
  let best = start;
  for (let round = 0; round < rounds; round++) {
    const before = best.score;
    best = alongNumbers(best, ground);
    for (const parameter of ground.parameters) {
      if (!isContinuous(parameter.domain)) best = overValues(best, parameter, ground);
    }
    if (best.score - before <= leastGain || best.score === before) break;
  }
  return best;
}

function alongNumbers(start: Candidate, ground: Ground): Candidate {
  const { axes, parameters } = ground;
  const free = parameters.filter(({ name, domain }) => {
    return isContinuous(domain) && start.point.has(name);
  });
  if (free.length === 0) return start;
  const coordinates = axes.of(start.point);
  const offsets = free.map(({ name }) => axes.offsetOf(name));
  const { place } = minimiseInBox(
    (places) => {
      for (const [i, offset] of offsets.entries()) coordinates[offset] = places[i]!;
      const { value, gradient } = ground.slope(coordinates);
      return {
        value: -value,
        gradient: Float64Array.from(offsets, (offset) => -gradient[offset]!),
      };
    },
    Float64Array.from(free, ({ name }) => start.places.get(name)!),
    box,
    { iterations: 40, tolerance: 1e-3 },
  );
  const moved = free.map(({ name }, i) => [name, place[i]!] as const);
  return better(start, ground.at(new Map([...start.places, ...moved])));
}

function overValues(start: Candidate, { name, domain }: SweepParameter, ground: Ground): Candidate {
  const value = start.point.get(name);
  if (!value) return start;
  const others =
    domain.kind === "categorical"
      ? domain.values.map((_, i) => choicePlace(domain.values.length, domain.probabilities, i))
      : steppedPlaces(domain, Number(toPlain(value)));
  return others
    .map((place) => ground.at(new Map([...start.places, [name, place]])))
    .reduce(better, start);
}

/** Places of all values of a parameter with few, else of those that lie one, two, four … steps away. */
function steppedPlaces(domain: NumberDomain, value: number): number[] {
  const step = domain.kind === "int_uniform" ? 1 : domain.q;
  const { min, max } = domain;
  const count = Math.round((max - min) / step) + 1;
  const values =
    count <= fewValues
      ? Array.from({ length: count }, (_, i) => toMultiple(min, step) + i * step)
      : Array.from({ length: 8 }, (_, i) => 2 ** i * step).flatMap((far) => [
          value - far,
          value + far,
        ]);
  return values
    .filter((each) => !(each < min || each > max))
    .map((each) => placeInDistribution(domain, each));
}

/** The middle of a choice's part. */
function choicePlace(
  count: number,
  probabilities: readonly number[] | undefined,
  index: number,
): number {
  if (!probabilities) return (index + 0.5) / count;
  const before = probabilities.slice(0, index).reduce((sum, each) => sum + each, 0);
  return clampPlace(before + probabilities[index]! / 2);
}

/** Where a value would be drawn from. */
export function placeOfValue({ name, domain }: SweepParameter, point: Point): number {
  const value = point.get(name);
  if (!value) return 0.5;
  if (domain.kind !== "categorical") return placeInDistribution(domain, Number(toPlain(value)));
  const index = domain.values.indexOf(value);
  return choicePlace(domain.values.length, domain.probabilities, index);
}

const isContinuous = (domain: Domain): boolean =>
  domain.kind !== "categorical" && domain.kind !== "int_uniform" && !domain.kind.startsWith("q_");

const better = (a: Candidate, b: Candidate): Candidate => (b.score > a.score ? b : a);
