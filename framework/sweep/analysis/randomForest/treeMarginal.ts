import type { Feature } from "./feature.ts";
import type { TreeNode } from "./growTree.ts";

/** A part of a feature in which a tree's mean over all other features is the same. */
export interface MarginalPart {
  /** Numbers from here to `to`; of choices `from` is the index. */
  readonly from: number;
  readonly to: number;
  /** Its part of the feature; all add up to 1. */
  readonly share: number;
  readonly value: number;
}

/** What a tree says everywhere, exactly: it is constant on boxes. */
export interface TreeSurface {
  /** Over the whole space, each place counting alike. */
  readonly mean: number;
  readonly variance: number;
  /** For each feature, its parts in order. */
  readonly marginals: readonly (readonly MarginalPart[])[];
}

/** Bounds of numbers, or which choices: in each feature. */
type Side = { readonly low: number; readonly high: number } | readonly boolean[];

interface Box {
  readonly sides: readonly Side[];
  readonly volume: number;
  readonly value: number;
}

/** Source: Hutter, Hoos & Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance", algorithm 2. */
export function treeSurface(root: TreeNode, features: readonly Feature[]): TreeSurface {
  const whole = features.map(({ kind, shares }): Side => {
    return kind === "numbers" ? { low: 0, high: 1 } : shares.map(() => true);
  });
  const boxes = boxesOf(root, whole, features);
  const mean = boxes.reduce((sum, { volume, value }) => sum + volume * value, 0);
  return {
    mean,
    variance: boxes.reduce((sum, { volume, value }) => sum + volume * (value - mean) ** 2, 0),
    marginals: features.map((feature, i) =>
      feature.kind === "numbers" ? numberParts(boxes, i) : choiceParts(boxes, i, feature),
    ),
  };
}

function boxesOf(node: TreeNode, sides: readonly Side[], features: readonly Feature[]): Box[] {
  if (node.kind === "leaf") {
    const volume = sides.reduce((product, side, i) => product * length(side, features[i]!), 1);
    return [{ sides, volume, value: node.value }];
  }
  const [left, right] = divide(sides[node.feature]!, node.at);
  return [
    ...boxesOf(node.left, sides.with(node.feature, left), features),
    ...boxesOf(node.right, sides.with(node.feature, right), features),
  ];
}

function divide(side: Side, at: number): [Side, Side] {
  if ("low" in side)
    return [
      { low: side.low, high: at },
      { low: at, high: side.high },
    ];
  return [side.map((has, i) => has && i === at), side.map((has, i) => has && i !== at)];
}

function length(side: Side, { shares }: Feature): number {
  if ("low" in side) return side.high - side.low;
  return side.reduce((sum, has, i) => sum + (has ? shares[i]! : 0), 0);
}

/** Sweeps along the feature: each box adds to the mean where it begins and is gone where it ends. */
function numberParts(boxes: readonly Box[], feature: number): MarginalPart[] {
  const changes = new Map<number, number>([[1, 0]]);
  const change = (at: number, by: number): void => {
    changes.set(at, (changes.get(at) ?? 0) + by);
  };
  for (const { sides, volume, value } of boxes) {
    const side = sides[feature]!;
    if (!("low" in side) || volume === 0) continue;
    const weighed = (value * volume) / (side.high - side.low);
    change(side.low, weighed);
    change(side.high, -weighed);
  }
  const ends = [...changes.keys()].toSorted((a, b) => a - b);
  let value = 0;
  return ends.slice(0, -1).map((from, i) => {
    const to = ends[i + 1]!;
    value += changes.get(from)!;
    return { from, to, share: to - from, value };
  });
}

function choiceParts(boxes: readonly Box[], feature: number, own: Feature): MarginalPart[] {
  return own.shares.map((share, choice) => {
    let value = 0;
    for (const { sides, volume, value: said } of boxes) {
      const side = sides[feature]!;
      if ("low" in side || !side[choice]) continue;
      value += (said * volume) / length(side, own);
    }
    return { from: choice, to: choice, share, value };
  });
}
