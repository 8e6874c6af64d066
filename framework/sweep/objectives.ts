import type { SweepMetric } from "../spec/sweepSpec.ts";
import { trialMetric, type TrialRecord } from "./trialRecord.ts";

/**
 * What a run has found of each objective, in their order.
 *
 * @returns undefined when it lacks one of them
 */
export function trialObjectives(
  folder: string,
  record: TrialRecord,
  objectives: readonly SweepMetric[],
): number[] | undefined {
  const values = objectives.map(({ name }) => trialMetric(folder, record, name));
  const known = values.filter((value) => value !== undefined);
  return known.length === objectives.length ? known : undefined;
}

/** 1 or, of what is to be made large, -1: multiplied by it, every objective is to be made small. */
export const signOf = ({ goal }: Pick<SweepMetric, "goal">): 1 | -1 =>
  goal === "maximize" ? -1 : 1;

/** Whether there are targets, and one trial has reached all of them. */
export function reachesTargets(
  objectives: readonly SweepMetric[],
  values: readonly number[],
): boolean {
  const targets = objectives.map(({ target }) => target);
  return (
    targets.some((target) => target !== undefined) &&
    objectives.every(({ target, ...objective }, i) => {
      const sign = signOf(objective);
      return target === undefined || sign * values[i]! <= sign * target;
    })
  );
}
