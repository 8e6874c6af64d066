import type { RandomStream } from "../../../base/random.ts";
import type { Feature } from "./feature.ts";

/** What a regression tree says of a part of the space, or how it divides it. */
export type TreeNode = Leaf | Split;

export interface Leaf {
  readonly kind: "leaf";
  /** Mean over the points that fell here. */
  readonly value: number;
}

export interface Split {
  readonly kind: "split";
  /** Index of the feature. */
  readonly feature: number;
  /** Numbers up to this one go left; of choices this very one. */
  readonly at: number;
  readonly left: TreeNode;
  readonly right: TreeNode;
}

/**
 * Grows a tree until its leaves are pure: each split leaves the least sum of squares. Among splits
 * that are as good the stream decides.
 *
 * Source: Breiman et al. 1984, "Classification and Regression Trees", section 8.4.
 *
 * @param chosen indices of points, with those that were drawn twice twice
 */
export function growTree(
  features: readonly Feature[],
  targets: readonly number[],
  chosen: readonly number[],
  stream: RandomStream,
): TreeNode {
  const orders = features.map(({ values }) => chosen.toSorted((i, j) => values[i]! - values[j]!));
  return new Growth(features, targets, stream).grow(orders, 0);
}

/** On which side of a split a point lies. */
export function isLeft({ kind, values }: Feature, at: number, point: number): boolean {
  return kind === "numbers" ? values[point]! <= at : values[point] === at;
}

interface Cut {
  readonly feature: number;
  readonly at: number;
  /** Squares that remain on both sides, without the targets' own squares. */
  readonly rest: number;
}

const mostDepth = 64;

/** Points of a node are given once for each feature, in the order of its values. */
type Orders = readonly (readonly number[])[];

class Growth {
  readonly #features: readonly Feature[];
  readonly #targets: readonly number[];
  readonly #stream: RandomStream;

  constructor(features: readonly Feature[], targets: readonly number[], stream: RandomStream) {
    this.#features = features;
    this.#targets = targets;
    this.#stream = stream;
  }

  grow(orders: Orders, depth: number): TreeNode {
    const cut = this.#isPure(orders) || depth === mostDepth ? undefined : this.#bestCut(orders);
    if (!cut) return { kind: "leaf", value: this.#sum(orders[0]!) / orders[0]!.length };
    const { feature, at } = cut;
    const side = (wanted: boolean): Orders =>
      orders.map((order) =>
        order.filter((i) => isLeft(this.#features[feature]!, at, i) === wanted),
      );
    const left = this.grow(side(true), depth + 1);
    return { kind: "split", feature, at, left, right: this.grow(side(false), depth + 1) };
  }

  #isPure([order = []]: Orders): boolean {
    const first = this.#targets[order[0]!];
    return order.every((i) => this.#targets[i] === first);
  }

  #sum(points: readonly number[]): number {
    let sum = 0;
    for (const i of points) sum += this.#targets[i]!;
    return sum;
  }

  #bestCut(orders: Orders): Cut | undefined {
    const total = this.#sum(orders[0]!);
    let best: Cut | undefined;
    for (const feature of this.#stream.permutation(orders.length)) {
      const cut =
        this.#features[feature]!.kind === "numbers"
          ? this.#numberCut(feature, orders[feature]!, total)
          : this.#choiceCut(feature, orders[feature]!, total);
      if (cut && (!best || cut.rest < best.rest)) best = cut;
    }
    return best;
  }

  /** In the middle between two neighbours that differ. */
  #numberCut(feature: number, order: readonly number[], total: number): Cut | undefined {
    const { values } = this.#features[feature]!;
    let best: Cut | undefined;
    let sum = 0;
    for (let count = 1; count < order.length; count++) {
      sum += this.#targets[order[count - 1]!]!;
      const [here, next] = [values[order[count - 1]!]!, values[order[count]!]!];
      if (here === next) continue;
      const rest = remaining(sum, count, total, order.length);
      if (!best || rest < best.rest) best = { feature, at: (here + next) / 2, rest };
    }
    return best;
  }

  /** One choice against all others. */
  #choiceCut(feature: number, order: readonly number[], total: number): Cut | undefined {
    const { values } = this.#features[feature]!;
    let best: Cut | undefined;
    for (let start = 0, end = 0; start < order.length; start = end) {
      const at = values[order[start]!]!;
      let sum = 0;
      for (; end < order.length && values[order[end]!] === at; end++) {
        sum += this.#targets[order[end]!]!;
      }
      if (end - start === order.length) return undefined;
      const rest = remaining(sum, end - start, total, order.length);
      if (!best || rest < best.rest) best = { feature, at, rest };
    }
    return best;
  }
}

/** Sum of squares about the means of two parts, without the targets' own squares. */
const remaining = (sum: number, count: number, total: number, all: number): number =>
  -(sum ** 2) / count - (total - sum) ** 2 / (all - count);
