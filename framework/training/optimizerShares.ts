import type * as tf from "@tensorflow/tfjs";

import type { World } from "../distributed/world.ts";
import type { MakeState, Optimizer } from "../optim/optimizer.ts";
import { divideSizes } from "./divideSizes.ts";
import type { NamedVariables } from "./trainingModule.ts";

/** A variable of the optimizer's state: what it is, and which worker keeps it. */
export interface SharedState extends Pick<tf.Tensor, "shape" | "dtype" | "size"> {
  readonly rank: number;
}

/**
 * Divides an optimizer's work among workers: each keeps the state of whole parameters and updates
 * these alone, so that any update rule computes what it would undivided, to the same bits.
 *
 * Source: Rajbhandari et al. 2020, arXiv:1910.02054, section 5.1 (P_os), by parameters in the place
 * of equal parts of all.
 */
export class OptimizerShares {
  readonly world: World;
  /** Of each parameter. */
  readonly rankOf: ReadonlyMap<string, number>;
  /** All variables of the undivided state, in its order. */
  readonly state: ReadonlyMap<string, SharedState>;
  readonly #optimizer: Optimizer;

  /**
   * Makes this worker's share of the optimizer's state.
   *
   * @param make default: in memory
   */
  constructor(optimizer: Optimizer, parameters: NamedVariables, world: World, make?: MakeState) {
    this.world = world;
    this.#optimizer = optimizer;
    this.rankOf = divideSizes(sizesOf(parameters), world.size);
    const layoutOf = (part: NamedVariables): [string, Omit<SharedState, "rank">][] => {
      optimizer.initialize(part);
      return [...optimizer.state()].map(([name, { shape, dtype, size }]) => [
        name,
        { shape, dtype, size },
      ]);
    };
    const whole = layoutOf(parameters);
    const owner = new Map<string, number>();
    for (let rank = world.size - 1; rank >= 0; rank--) {
      for (const [name] of layoutOf(this.#partOf(rank, parameters))) owner.set(name, rank);
    }
    this.state = new Map(whole.map(([name, kind]) => [name, { ...kind, rank: owner.get(name)! }]));
    optimizer.initialize(this.#partOf(world.rank, parameters), make);
  }

  /** What belongs to this worker's parameters. */
  own<Value>(named: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
    return this.#partOf(this.world.rank, named);
  }

  /** By owner: first what belongs to rank 0's parameters, and so on. */
  inOrder<Value>(named: ReadonlyMap<string, Value>): Map<string, Value> {
    const ranks = Array.from({ length: this.world.size }, (_, rank) => rank);
    return new Map(ranks.flatMap((rank) => [...this.#partOf(rank, named)]));
  }

  /** This worker's variables of the state. */
  get ownState(): NamedVariables {
    return this.#optimizer.state();
  }

  #partOf<Value>(rank: number, named: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
    return new Map([...named].filter(([name]) => this.rankOf.get(name) === rank));
  }
}

function sizesOf(parameters: NamedVariables): ReadonlyMap<string, number> {
  return new Map(Array.from(parameters, ([name, { size }]) => [name, size]));
}
