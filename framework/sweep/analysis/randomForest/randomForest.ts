import { RandomStream } from "../../../base/random.ts";
import type { RangedParameter } from "../parameterImportance.ts";
import { toFeature, type Feature } from "./feature.ts";
import { growTree, isLeft, type TreeNode } from "./growTree.ts";

export interface ForestTree {
  readonly root: TreeNode;
  /** Indices of the points that it has not seen. */
  readonly unseen: readonly number[];
}

/** What a metric is at any point, learned from some. */
export interface RandomForest {
  readonly parameters: readonly RangedParameter[];
  readonly features: readonly Feature[];
  /** Of each point. */
  readonly targets: readonly number[];
  readonly trees: readonly ForestTree[];
}

const trees = 64;
/** Points that a tree is grown on. Of more, each tree has some. */
const mostPoints = 1000;

/**
 * Regression trees, each on as many points as there are, drawn with replacement. All features are
 * candidates at each split. The same points give the same forest.
 *
 * Source: Breiman 2001, "Random forests".
 *
 * @param targets finite, one for each point
 */
export function growForest(
  parameters: readonly RangedParameter[],
  targets: readonly number[],
): RandomForest {
  const features = parameters.map(toFeature);
  const size = Math.min(mostPoints, targets.length);
  const grow = (_: unknown, index: number): ForestTree => {
    const stream = new RandomStream(0, "random forest", index);
    const drawn = Array.from({ length: size }, () => stream.integer(targets.length));
    const seen = new Set(drawn);
    const root = growTree(features, targets, drawn, stream);
    return { root, unseen: [...targets.keys()].filter((i) => !seen.has(i)) };
  };
  return { parameters, features, targets, trees: Array.from({ length: trees }, grow) };
}

/** What a tree says of a point. @param features with the point's values */
export function predict(root: TreeNode, features: readonly Feature[], point: number): number {
  let node = root;
  while (node.kind === "split") {
    node = isLeft(features[node.feature]!, node.at, point) ? node.left : node.right;
  }
  return node.value;
}

/**
 * Share of the metric's variance that the forest foretells of points which its trees have not seen:
 * 1 is all, 0 no more than the mean does, and it may be less.
 *
 * @returns undefined where points do not differ, or all have been seen
 */
export function foretoldShare({
  features,
  targets,
  trees: grown,
}: RandomForest): number | undefined {
  const said = targets.map((): number[] => []);
  for (const { root, unseen } of grown) {
    for (const i of unseen) said[i]!.push(predict(root, features, i));
  }
  const known = [...targets.keys()].filter((i) => said[i]!.length > 0);
  const mean = known.reduce((sum, i) => sum + targets[i]!, 0) / known.length;
  const squares = known.reduce((sum, i) => sum + (targets[i]! - mean) ** 2, 0);
  const errors = known.reduce((sum, i) => sum + (targets[i]! - average(said[i]!)) ** 2, 0);
  return squares > 0 ? 1 - errors / squares : undefined;
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
