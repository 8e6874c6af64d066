import type { Point, SearchSpace } from "./point.ts";

/** A point that was tried, as far as it is known. */
export interface Observation {
  /** Of the point, from 0. */
  readonly index: number;
  readonly point: Point;
  /**
   * Of each objective, to be made small: the metric's mean over the seeds, negated if the goal is to
   * maximise it. At least one.
   */
  readonly values: readonly number[];
  /**
   * Optimizer step at which its trials were stopped early, or are paused: `values` are what had been
   * reached by then. Absent when one came to its end.
   */
  readonly stoppedAt?: number;
}

/** Says which points a sweep tries, one after another. */
export interface Searcher {
  readonly name: string;
  /**
   * How many points there are; undefined: nobody knows, as they are drawn without end or depend on
   * each other.
   */
  readonly count: number | undefined;
  /** How many of the first points do not depend on observations; undefined: all of them. */
  readonly independent?: number;
  /**
   * The point of an index. It is asked for in order, and is the same whenever it is asked with the
   * same observations.
   *
   * @returns undefined when there are no more points
   */
  suggest(index: number, observations: readonly Observation[]): Point | undefined;
  /** Takes a point that an earlier process was given as the next one. Of searchers that learn. */
  adopt?(point: Point): void;
}

export interface SearcherOptions {
  readonly space: SearchSpace;
  /** Decides every draw. */
  readonly seed: number;
  /** How many points are wanted; undefined: without end. */
  readonly points?: number;
  /** Points of a generation, for searchers that have some. */
  readonly population?: number;
  /** What was known before the first point, with indices below 0: it is learnt from, and not tried again. */
  readonly earlier?: readonly Observation[];
}

export type CreateSearcher = (options: SearcherOptions) => Searcher;
