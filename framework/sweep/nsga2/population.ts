import type { RandomStream } from "../../base/random.ts";
import type { Objectives } from "../analysis/paretoFront.ts";
import type { Observation } from "../searcher.ts";
import { crowdingDistance } from "./crowdingDistance.ts";
import { nonDominatedSort } from "./nonDominatedSort.ts";

/**
 * What is left after every generation of observations: of the survivors until then and the generation so
 * many as a generation has, the best front first, of the last one that fits in part those with the
 * farthest neighbours. A generation that is not whole yet counts as far as it is known: what is found is
 * of use at once, which finds more than waiting does.
 *
 * Source: Deb, Pratap, Agarwal & Meyarivan 2002, section III-C; Nebro & Durillo 2009, "On the effect of
 * the steady-state selection scheme in multi-objective genetic algorithms".
 */
export class Survivors {
  readonly #size: number;
  /** Whole generations, which need not be gone through again while they stay the same. */
  #seen: readonly Observation[] = [];
  #alive: readonly Observation[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * @param observations all of them, in their order
   * @returns the better first
   */
  after(observations: readonly Observation[]): readonly Observation[] {
    if (!this.#seen.every((each, i) => isSame(each, observations[i]))) {
      this.#seen = [];
      this.#alive = [];
    }
    let start = this.#seen.length;
    for (; start + this.#size <= observations.length; start += this.#size) {
      this.#alive = this.#select(observations.slice(start, start + this.#size));
    }
    this.#seen = observations.slice(0, start);
    return this.#select(observations.slice(start));
  }

  #select(generation: readonly Observation[]): readonly Observation[] {
    if (generation.length === 0) return this.#alive;
    return ranked([...this.#alive, ...generation]).slice(0, this.#size);
  }
}

const isSame = (a: Observation, b: Observation | undefined): boolean =>
  a.index === b?.index && a.values.every((value, i) => Object.is(value, b.values[i]));

/** By front and, within it, by crowding distance. */
function ranked(observations: readonly Observation[]): Observation[] {
  const values = observations.map(finiteOrWorst);
  return nonDominatedSort(values).flatMap((front) => {
    const distances = crowdingDistance(front.map((i) => values[i]!));
    const order = front.map((_, at) => at).sort((a, b) => compare(distances[b]!, distances[a]!));
    return order.map((at) => observations[front[at]!]!);
  });
}

/** A point that lacks a number is worse than all others. */
const finiteOrWorst = ({ values }: Observation): Objectives =>
  values.some(Number.isNaN) ? values.map(() => Infinity) : values;

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));

/** The better one of two that are drawn. @param population the better first */
export function tournament(population: readonly Observation[], stream: RandomStream): Observation {
  const [a, b] = [stream.integer(population.length), stream.integer(population.length)];
  return population[Math.min(a, b)]!;
}
