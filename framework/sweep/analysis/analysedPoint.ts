import type { Cell } from "./observedParameter.ts";

/** What is known of one point of a search: of its finished runs. */
export interface AnalysedPoint {
  /** What tables call it. */
  readonly label: string;
  /** In the order of the sweep's parameters; null where one is not in use. */
  readonly parameters: readonly Cell[];
  /** The metric by seed; numbers alone. */
  readonly values: ReadonlyMap<number, number>;
}

/** Over its seeds. */
export function meanOf({ values }: AnalysedPoint): number {
  return [...values.values()].reduce((sum, value) => sum + value, 0) / values.size;
}
