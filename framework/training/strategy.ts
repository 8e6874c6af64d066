/** Where training happens: in one process, or in several that `world` connects. */
export type StrategyName = "auto" | "mpi";

export interface StrategyOptions {
  readonly name?: StrategyName | undefined;
  /** Each worker keeps the optimizer's state of a share of the parameters, and updates these (ZeRO-1). */
  readonly shardOptimizer?: boolean | undefined;
}

/** Both ways to write a strategy, as one; the name is not checked. */
export function resolveStrategy(given: StrategyName | StrategyOptions = "auto"): {
  strategy: string;
  shardOptimizer: boolean;
} {
  if (typeof given === "string") return { strategy: given, shardOptimizer: false };
  const { name = "auto", shardOptimizer = false } = given;
  return { strategy: name, shardOptimizer };
}
