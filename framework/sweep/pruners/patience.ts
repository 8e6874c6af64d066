import type { PatienceSpec } from "../../spec/earlyTermination.ts";
import type { Pruner } from "../pruner.ts";

/**
 * Stops a trial that has not become better for some logged values: the best of the last
 * `patience` + 1 is worse than the best before them by more than `min_delta`. Other trials do not count.
 *
 * Source: Optuna 4.9, `PatientPruner` around no other one.
 */
export function patiencePruner({ patience, min_delta: minDelta }: PatienceSpec): Pruner {
  return {
    name: "patience",
    reasonToStop({ values }) {
      const before = best(values.slice(0, -patience - 1));
      const since = best(values.slice(-patience - 1));
      if (before === undefined || since === undefined || since <= before + minDelta)
        return undefined;
      return `patience of ${patience}: the best of late is ${since}, before it was ${before}`;
    },
  };
}

/** NaN is passed over; undefined without any number. */
function best(values: readonly { readonly value: number }[]): number | undefined {
  const numbers = values.map(({ value }) => value).filter((value) => !Number.isNaN(value));
  return numbers.length > 0 ? Math.min(...numbers) : undefined;
}
