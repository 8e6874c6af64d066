import { RandomStream } from "../../base/random.ts";
import type { Feature } from "./randomForest/feature.ts";
import { predict, type RandomForest } from "./randomForest/randomForest.ts";

/**
 * How much worse the forest foretells points when a parameter's values are dealt out anew among
 * them: each tree on the points that it has not seen. Shares of 1; all are 0 where none matters.
 *
 * Source: Breiman 2001, "Random forests", section 10.
 */
export function permutationImportance(forest: RandomForest): number[] {
  const { features, trees, targets } = forest;
  const harms = features.map((feature, i) => {
    const sum = trees.reduce((total, { root, unseen }, tree) => {
      const stream = new RandomStream(0, `permutation ${i}`, tree);
      const dealt = features.with(i, dealAnew(feature, unseen, stream));
      const error = (from: readonly Feature[]): number =>
        unseen.reduce((squares, at) => squares + (predict(root, from, at) - targets[at]!) ** 2, 0);
      return total + (error(dealt) - error(features)) / Math.max(1, unseen.length);
    }, 0);
    return Math.max(0, sum);
  });
  const total = harms.reduce((sum, each) => sum + each, 0);
  return harms.map((each) => (total > 0 ? each / total : 0));
}

/** The feature with the values of some points among each other. */
function dealAnew(feature: Feature, points: readonly number[], stream: RandomStream): Feature {
  const values = [...feature.values];
  const order = stream.permutation(points.length);
  for (const [i, point] of points.entries()) values[point] = feature.values[points[order[i]!]!]!;
  return { ...feature, values };
}
