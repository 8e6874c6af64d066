import type { HostTensor } from "../base/hostTensor.ts";
import { describeShape, sameShape } from "../base/shape.ts";
import type { GivenWeight } from "./modelGraph.ts";

/** A model's parameters by transformers' names: what a safetensors file gives, or a map of arrays. */
export interface WeightSource {
  get(name: string): HostTensor | undefined;
}

/** @throws {RangeError} when a weight is missing or has another shape */
export type GiveWeight = (name: string, shape: readonly number[]) => GivenWeight;

/**
 * Values are read when they are first asked for: of matrices in codes they never are.
 *
 * @param what is built with the weights, for messages
 */
export function weightReader(what: string, weights: WeightSource): GiveWeight {
  return (name, shape) => {
    const tensor = weights.get(name);
    if (!tensor) throw new RangeError(`Cannot build ${what}: weight "${name}" is missing`);
    const problem = (got: string): RangeError =>
      new RangeError(
        `Cannot build ${what}: weight "${name}": expected floats ${describeShape(shape)}, got ${got}`,
      );
    if (!sameShape(tensor.shape, shape)) throw problem(describeShape(tensor.shape));
    let read: Float32Array | undefined;
    return {
      name,
      shape,
      get values() {
        if (read) return read;
        const { values } = tensor;
        if (!(values instanceof Float32Array)) throw problem("integers");
        return (read = values);
      },
    };
  };
}
