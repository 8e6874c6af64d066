import { createHash } from "node:crypto";

import { InputError } from "../base/errors.ts";
import { readSpec } from "../spec/readSpec.ts";
import { toPlain, type SpecMapping } from "../spec/specNode.ts";
import type { SweepSpec } from "../spec/sweepSpec.ts";
import { canonicalJson } from "../tracking/parameters.ts";
import { configTree } from "./command/configTree.ts";
import { pointKey, type Point } from "./point.ts";
import { PointSequence } from "./pointSequence.ts";
import { recallPoint, type RecordedPoint } from "./recordedPoint.ts";
import type { Observation, Searcher } from "./searcher.ts";
import { searchers } from "./searchers/index.ts";
import type { TrialStage } from "./trialFile.ts";
import { trialTree } from "./trialTree.ts";
import { earlierObservations, type WarmStart } from "./warmStart/warmStart.ts";

/** One run of a sweep, before it is started. */
export interface Trial {
  /** From 0. */
  readonly index: number;
  /** Of the run: 8 base-36 characters, a hash of its spec and of the code's version. */
  readonly id: string;
  /** Of the point, from 0. */
  readonly pointIndex: number;
  readonly point: Point;
  /** Shared by the runs of a point. */
  readonly group: string;
  /** Undefined: as the program says. */
  readonly seed: number | undefined;
  /** How far it is carried out now; absent: to its end. */
  readonly stage?: TrialStage;
}

export interface TrialPlanOptions {
  readonly spec: SweepSpec;
  /** The program's spec, with what it extends; empty where the program is no spec. */
  readonly program: SpecMapping;
  /** Of the code that carries trials out. */
  readonly version: string;
  /** What is known before the first point. */
  readonly warmStart?: WarmStart;
}

/**
 * All trials of a sweep, in order. Which they are depends on the file and its program alone, so two
 * plans of one file are equal wherever they are made.
 */
export class TrialPlan {
  readonly spec: SweepSpec;
  /** Of the sweep: a hash of what decides its points. */
  readonly id: string;
  /** What is known before the first point. */
  readonly warmStart: WarmStart | undefined;
  /** Without those that were added. */
  readonly #count: number | undefined;
  readonly #options: TrialPlanOptions;
  #searcher: Searcher;
  #points = new PointSequence();
  #added = 0;
  readonly #trials: Trial[] = [];
  readonly #byId = new Map<string, number>();
  /** Files that values of `extends` name. */
  readonly #files = new Map<string, SpecMapping>();

  constructor(options: TrialPlanOptions) {
    const { spec, program, warmStart } = options;
    this.spec = spec;
    this.warmStart = warmStart;
    this.#options = options;
    this.#searcher = createSearcher(options);
    const { seeds = 1, runCap } = spec;
    const points = this.#searcher.count;
    const all = points === undefined ? Infinity : points * seeds;
    const count = Math.min(all, runCap ?? Infinity);
    this.#count = Number.isFinite(count) ? count : undefined;
    this.id = sweepId(spec, program);
  }

  /** How many trials there are; undefined when nobody knows. */
  get count(): number | undefined {
    return this.#count === undefined ? undefined : this.#count + this.#addedTrials;
  }

  get #addedTrials(): number {
    return this.#added * this.#perPoint;
  }

  get #perPoint(): number {
    return this.spec.seeds ?? 1;
  }

  /** How many points were added. */
  get addedCount(): number {
    return this.#added;
  }

  /**
   * @param observations what is known of earlier points, for a searcher that learns from them
   * @returns undefined when there are no more trials
   * @throws {InputError} when the trial would be the same run as an earlier one
   */
  trialAt(index: number, observations: readonly Observation[] = []): Trial | undefined {
    for (let next = this.#trials.length; next <= index; next++) {
      const trial = this.#makeTrial(next, observations);
      if (!trial) return undefined;
      this.#trials.push(trial);
    }
    return this.#trials[index];
  }

  /** Trials, from the first, that do not depend on what others find; undefined: all of them. */
  get independent(): number | undefined {
    const { independent } = this.#searcher;
    return independent === undefined ? undefined : independent * this.#perPoint;
  }

  /** Forgets all points and trials, as if it were made anew. */
  rewind(): void {
    this.#searcher = createSearcher(this.#options);
    this.#points = new PointSequence();
    this.#added = 0;
    this.#trials.length = 0;
    this.#byId.clear();
  }

  /** Points that were asked for or restored. */
  get pointCount(): number {
    return this.#points.length;
  }

  /** Gives the next point the value that it has had before, when its searcher learns. */
  restore(recorded: RecordedPoint): void {
    const point = recallPoint(this.spec, recorded);
    this.#searcher.adopt?.(point);
    this.#points.push(point);
  }

  /**
   * Puts a point in that is not the searcher's; the others from there on come one later.
   *
   * @param at number of the point, from 0: behind all that were begun or added. Where the searcher learns,
   *   behind all that it gave
   */
  add(at: number, recorded: RecordedPoint): void {
    this.#added++;
    if (this.independent !== undefined) return this.restore(recorded);
    this.#points.add(at, recallPoint(this.spec, recorded));
    for (const { id } of this.#trials.splice(at * this.#perPoint)) this.#byId.delete(id);
  }

  /** The runs of a point. */
  trialsOf(pointIndex: number): Trial[] {
    const first = pointIndex * this.#perPoint;
    return this.first(first + this.#perPoint).slice(first);
  }

  /** Id of a point's first run. */
  idOf(point: Point): string {
    const { seed, seeds } = this.spec;
    return this.#idOf(point, seeds === undefined ? undefined : seed);
  }

  /** Trials that need not be thought up: all there are, or of a searcher that learns those so far. */
  known(count: number): Trial[] {
    if (this.independent === undefined) return this.first(count);
    return this.first(Math.min(count, this.pointCount * this.#perPoint));
  }

  /** The experiment's spec of a trial, not yet checked; or what it sets of a program that is no spec. */
  treeOf({ point, seed }: Pick<Trial, "point" | "seed">): SpecMapping {
    const { spec, program } = this.#options;
    if (spec.command) return configTree(spec, point, seed);
    return trialTree(program, spec, point, seed, (file) => this.#fileAt(file));
  }

  /** A file is read once, so that trials stay what their ids say while somebody edits it. */
  #fileAt(file: string): SpecMapping {
    const root = this.#files.get(file) ?? readSpec(file).root;
    this.#files.set(file, root);
    return root;
  }

  /** The first trials, as many as there are. */
  first(count: number): Trial[] {
    const trials: Trial[] = [];
    for (let index = 0; index < count; index++) {
      const trial = this.trialAt(index);
      if (!trial) break;
      trials.push(trial);
    }
    return trials;
  }

  #makeTrial(index: number, observations: readonly Observation[]): Trial | undefined {
    const { spec } = this.#options;
    if (index >= (this.count ?? Infinity)) return undefined;
    const perPoint = spec.seeds ?? 1;
    const pointIndex = Math.floor(index / perPoint);
    const point = this.#pointAt(pointIndex, observations);
    if (!point) return undefined;
    const seed = spec.seeds === undefined ? undefined : spec.seed + (index % perPoint);
    const id = this.#idOf(point, seed);
    this.#claim(id, index);
    const group = `${spec.name}-${shortHash(pointKey(point))}`;
    return { index, id, pointIndex, point, group, seed };
  }

  /** A program of somebody else's does not change with our version. */
  #idOf(point: Point, seed: number | undefined): string {
    const { spec, version } = this.#options;
    const tree = toPlain(this.treeOf({ point, seed }));
    if (!spec.command) return shortHash({ spec: tree, version });
    const { words, program } = spec.command;
    return shortHash({ command: words, program, config: tree });
  }

  #pointAt(index: number, observations: readonly Observation[]): Point | undefined {
    return this.#points.at(index, (own) => this.#searcher.suggest(own, observations));
  }

  #claim(id: string, index: number): void {
    const twin = this.#byId.get(id);
    this.#byId.set(id, index);
    if (twin === undefined) return;
    throw new InputError(
      `Cannot plan sweep ${this.spec.name}: expected trials that differ, got trials ${twin + 1} and ${index + 1} with the same spec; drop one of the values that mean the same`,
    );
  }
}

function createSearcher({ spec, warmStart }: TrialPlanOptions): Searcher {
  const { seed, seeds = 1, runCap, population } = spec;
  const wanted = runCap === undefined ? undefined : Math.ceil(runCap / seeds);
  return searchers[spec.method]({
    space: spec,
    seed,
    ...(wanted !== undefined && { points: wanted }),
    ...(population !== undefined && { population }),
    ...(warmStart && { earlier: earlierObservations(spec, warmStart) }),
  });
}

/**
 * Id of a sweep: a hash of what decides its points.
 *
 * @param program the program's spec, with what it extends
 */
export const sweepId = ({ root }: SweepSpec, program: SpecMapping): string =>
  shortHash([decisive(root), toPlain(program)]);

/** The keys of a sweep's file that decide which points there are. */
const decisiveKeys = [
  "method",
  "parameters",
  "constraints",
  "seed",
  "population",
  "pbt",
  "warm_start",
];

function decisive(root: SpecMapping): Record<string, unknown> {
  const entries = [...root.entries].filter(([key]) => decisiveKeys.includes(key));
  return Object.fromEntries(entries.map(([key, node]) => [key, toPlain(node)]));
}

/** 8 base-36 characters. */
function shortHash(value: unknown): string {
  const digest = createHash("sha256").update(canonicalJson(value)).digest("hex");
  return BigInt(`0x${digest}`).toString(36).slice(-8).padStart(8, "0");
}
