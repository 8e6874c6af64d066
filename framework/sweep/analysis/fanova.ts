import type { RandomForest } from "./randomForest/randomForest.ts";
import { treeSurface } from "./randomForest/treeMarginal.ts";

export interface VarianceShares {
  /** Of each parameter alone, as shares of 1 among the parameters; all 0 where nothing varies. */
  readonly shares: readonly number[];
  /** Of the whole variance, what no parameter explains alone: it comes of them together. */
  readonly together: number;
}

/**
 * How much of the metric's variance over the whole space each parameter explains by itself:
 * functional ANOVA of the trees' own predictions, exact for each tree, the mean over trees.
 *
 * Source: Hutter, Hoos & Leyton-Brown 2014, "An efficient approach for assessing hyperparameter
 * importance".
 */
export function fanova({ trees, features }: RandomForest): VarianceShares {
  const surfaces = trees
    .map(({ root }) => treeSurface(root, features))
    .filter(({ variance }) => variance > 0);
  const alone = features.map((_, i) => {
    const fractions = surfaces.map(({ marginals, mean, variance }) => {
      return (
        marginals[i]!.reduce((sum, each) => sum + each.share * (each.value - mean) ** 2, 0) /
        variance
      );
    });
    return fractions.reduce((sum, each) => sum + each, 0) / Math.max(1, fractions.length);
  });
  const total = alone.reduce((sum, each) => sum + each, 0);
  return {
    shares: alone.map((each) => (total > 0 ? each / total : 0)),
    together: surfaces.length > 0 ? Math.max(0, 1 - total) : 0,
  };
}
