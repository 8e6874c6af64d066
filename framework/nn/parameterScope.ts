import * as tf from "@tensorflow/tfjs";

import { RandomStream } from "../base/random.ts";
import { sizeOf } from "../base/shape.ts";
import type { Initializer } from "./initializers.ts";

/** Named parameters in the order of their creation. */
export type Parameters = Map<string, tf.Variable>;

export interface ParameterScopeOptions {
  /**
   * Integer in [0, 2^32). `null` leaves every parameter at zero, for a model whose weights are
   * loaded next: drawing them would only cost time.
   */
  seed: number | null;
  /**
   * Start the last layer of every residual branch at zero, so that a new network is near the
   * identity; off is PyTorch's and diffusers' way.
   */
  zeroResiduals?: boolean;
}

/**
 * A place in a model's tree of names, such as `down_blocks.0.resnets.1`, where layers create their
 * parameters. A parameter's first value depends on the seed and its full name alone.
 */
export class ParameterScope {
  readonly parameters: Parameters;
  readonly zeroResiduals: boolean;
  readonly #seed: number | null;
  readonly #path: string;

  constructor(
    { seed, zeroResiduals = false }: ParameterScopeOptions,
    path = "",
    parameters: Parameters = new Map(),
  ) {
    this.#seed = seed;
    this.zeroResiduals = zeroResiduals;
    this.#path = path;
    this.parameters = parameters;
  }

  /** The full name of `name` in this scope. */
  pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  /** The scope below, sharing the map of parameters. `name` may have dots. */
  at(name: string): ParameterScope {
    const { zeroResiduals, parameters } = this;
    return new ParameterScope({ seed: this.#seed, zeroResiduals }, this.pathOf(name), parameters);
  }

  /**
   * Creates a float32 parameter; the owner of the map disposes it.
   *
   * @throws {RangeError} when the name is taken
   */
  parameter(name: string, shape: readonly number[], initializer: Initializer): tf.Variable {
    const path = this.pathOf(name);
    if (this.parameters.has(path)) {
      throw new RangeError(`Cannot create parameter "${path}": the name is taken`);
    }
    const size = sizeOf(shape);
    const values =
      this.#seed === null
        ? new Float32Array(size)
        : initializer(new RandomStream(this.#seed, path), size);
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, [...shape])));
    this.parameters.set(path, variable);
    return variable;
  }
}
