import { RandomStream } from "../../base/random.ts";
import type { ChoiceDomain, NumberDomain } from "../../spec/distributions.ts";
import type { PopulationSpec } from "../../spec/populationSpec.ts";
import { scalar, toPlain, type SpecNode } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { activePoint, meetsConstraints, type Point, type SearchSpace } from "../point.ts";
import { sampleDomain, toMultiple } from "../sampleDomain.ts";
import { dimensions, openUniform } from "../unitPoint.ts";

/** Tries for a point that meets the constraints, before the donor's own is taken. */
const maxTries = 100;

export interface ExploreOptions extends Pick<PopulationSpec, "resample_probability" | "factors"> {
  readonly space: SearchSpace;
  /** Of the sweep. */
  readonly seed: number;
  /** That ends, from 0. */
  readonly generation: number;
  /** Of the trial that is given the point. */
  readonly member: number;
}

/**
 * Values near those of another member: each is drawn anew with `resample_probability`, or else
 * moved: a number by one of the factors, which in a logarithmic distribution is one step up or
 * down, at least to the next whole number or multiple, and not out of its range; a choice to the
 * value before or after it.
 *
 * Source: Jaderberg et al. 2017, arXiv:1711.09846, "explore"; choices as in Ray Tune's PBT.
 *
 * @param donor the point of the member whose weights are taken
 */
export function explore(donor: Point, options: ExploreOptions): Point {
  const { space } = options;
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const values = new Map(donor);
    for (const parameter of dimensions(space)) {
      values.set(
        parameter.name,
        exploreValue(parameter, donor.get(parameter.name), options, attempt),
      );
    }
    const point = activePoint(space, inOrder(space, values));
    if (meetsConstraints(space, point)) return point;
  }
  return donor;
}

/** A parameter that was not in use until now may come into use by another's value. */
function inOrder({ parameters }: SearchSpace, values: Point): Point {
  const known = parameters.flatMap(({ name, domain }) => {
    const value =
      values.get(name) ?? (domain.kind === "categorical" ? domain.values[0] : undefined);
    return value ? [[name, value] as const] : [];
  });
  return new Map(known);
}

function exploreValue(
  { name, domain, origin }: SweepParameter,
  value: SpecNode | undefined,
  { seed, generation, member, resample_probability: resample, factors }: ExploreOptions,
  attempt: number,
): SpecNode {
  const stream = new RandomStream(seed, `pbt ${generation} ${member} ${name}`, attempt);
  const chance = openUniform(stream);
  const direction = openUniform(stream);
  const fresh = openUniform(stream);
  if (value === undefined || chance < resample) return sampleDomain(domain, fresh, origin);
  const isUp = direction < 0.5;
  if (domain.kind === "categorical") return neighbour(domain, value, isUp);
  const factor = isUp ? Math.max(...factors) : Math.min(...factors);
  return scalar(moveNumber(domain, Number(toPlain(value)), factor), origin);
}

function neighbour({ values }: ChoiceDomain, value: SpecNode, isUp: boolean): SpecNode {
  const index = values.indexOf(value) + (isUp ? 1 : -1);
  return values[Math.max(0, Math.min(values.length - 1, index))]!;
}

/** @param factor other than 1 */
export function moveNumber(domain: NumberDomain, value: number, factor: number): number {
  const moved = clip(domain, value * factor);
  const unit = domain.kind === "int_uniform" ? 1 : domain.kind.startsWith("q_") ? domain.q : 0;
  if (unit === 0) return moved;
  const rounded = toMultiple(moved, unit);
  if (rounded !== value) return clip(domain, rounded);
  return clip(domain, value + Math.sign(value * factor - value) * unit);
}

/** Into the range of the distribution. */
function clip({ kind, min, max, q }: NumberDomain, value: number): number {
  if (kind === "beta" || kind === "q_beta") return Math.max(0, Math.min(1, value));
  if (!Number.isFinite(min) || !Number.isFinite(max)) return value;
  const [low, high] = kind.startsWith("q_") ? [toMultiple(min, q), toMultiple(max, q)] : [min, max];
  return Math.max(low, Math.min(high, value));
}
