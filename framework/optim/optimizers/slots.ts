import * as tf from "@tensorflow/tfjs";

import type { MakeState } from "../optimizer.ts";

/** Shape and dtype of a parameter's variable in a slot, undefined for none. */
export type KindOf<Slot extends string> = (
  slot: Slot,
  parameter: tf.Variable,
) => Pick<tf.Tensor, "shape" | "dtype"> | undefined;

/**
 * Kernel that backends may register: a gradient times a scalar. It tells them where an update
 * begins: all that depends on it can wait until every gradient is there.
 */
const scalingKernel = "SeedbedScaledGradient";

/** An optimizer's parameters and, for each, the state variables it keeps: one per slot. */
export class Slots<Slot extends string> {
  readonly #slots: readonly Slot[];
  readonly #kindOf: KindOf<Slot>;
  readonly #state = new Map<string, tf.Variable>();
  #parameters: ReadonlyMap<string, tf.Variable> = new Map();

  constructor(slots: readonly Slot[], kindOf: KindOf<Slot> = (_slot, parameter) => parameter) {
    this.#slots = slots;
    this.#kindOf = kindOf;
  }

  /** Makes a zero variable of each slot that a parameter has. */
  initialize(parameters: ReadonlyMap<string, tf.Variable>, make: MakeState = makeZeros): void {
    this.dispose();
    this.#parameters = parameters;
    for (const slot of this.#slots) {
      for (const [name, parameter] of parameters) {
        const kind = this.#kindOf(slot, parameter);
        if (!kind) continue;
        const key = `${slot}/${name}`;
        this.#state.set(key, make(key, kind));
      }
    }
  }

  get state(): ReadonlyMap<string, tf.Variable> {
    return this.#state;
  }

  parameter(name: string): tf.Variable {
    return found(this.#parameters.get(name), name);
  }

  get(slot: Slot, name: string): tf.Variable {
    return found(this.#state.get(`${slot}/${name}`), name);
  }

  /** Each parameter with its gradient, times `scale`; for use inside a tidy. */
  *scaled(
    gradients: ReadonlyMap<string, tf.Tensor>,
    scale: tf.Scalar | undefined,
  ): Iterable<{ key: string; parameter: tf.Variable; gradient: tf.Tensor }> {
    for (const [key, gradient] of gradients) {
      const parameter = this.parameter(key);
      yield { key, parameter, gradient: scaledGradient(gradient, scale) };
    }
  }

  /** Gives back the state; the parameters belong to the model. */
  dispose(): void {
    for (const variable of this.#state.values()) variable.dispose();
    this.#state.clear();
    this.#parameters = new Map();
  }
}

function makeZeros(
  _name: string,
  { shape, dtype }: Pick<tf.Tensor, "shape" | "dtype">,
): tf.Variable {
  const zeros = tf.zeros(shape, dtype);
  const variable = tf.variable(zeros, false);
  zeros.dispose();
  return variable;
}

/** The gradient times the scale, if there is one; tells backends that the update begins here. */
export function scaledGradient(gradient: tf.Tensor, scale: tf.Scalar | undefined): tf.Tensor {
  if (tf.getKernel(scalingKernel, tf.getBackend())) {
    const inputs = { gradient, scale: scale ?? tf.scalar(1) };
    return tf.engine().runKernel<tf.Tensor>(scalingKernel, inputs);
  }
  return scale ? gradient.mul(scale) : gradient;
}

/** A gradient with that of an L2 penalty added: of `weightDecay / 2` times the parameter's square. */
export function penalized(
  gradient: tf.Tensor,
  parameter: tf.Tensor,
  weightDecay: number,
): tf.Tensor {
  return weightDecay > 0 ? gradient.add(parameter.mul(weightDecay)) : gradient;
}

function found(variable: tf.Variable | undefined, name: string): tf.Variable {
  if (variable) return variable;
  throw new RangeError(`Cannot update parameter "${name}": the optimizer was not given it`);
}
