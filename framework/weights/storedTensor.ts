import type { HostTensor } from "../base/hostTensor.ts";
import { bfloatsToFloats, halvesToFloats } from "./half.ts";

/** Bytes per element of every dtype we read. */
export const bytesPerElement = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** Element type of a stored tensor, as safetensors spells it. */
export type SafetensorsDtype = keyof typeof bytesPerElement;

/** A tensor as read: floats of any width as float32, integers and truth values as int32. */
export interface StoredTensor extends HostTensor {
  /** How the file holds it. */
  readonly dtype: SafetensorsDtype;
  /** Reads integers of a byte each as they are, where that is possible. */
  readonly bytes?: () => Uint8Array;
}

/**
 * A stored tensor whose values are read when, and each time, they are asked for: a large model need
 * not be in memory twice.
 */
export function lazyTensor(
  { dtype, shape }: Pick<StoredTensor, "dtype" | "shape">,
  read: () => StoredTensor["values"],
): StoredTensor {
  const tensor = {
    dtype,
    shape,
    get values() {
      return read();
    },
  };
  lazyTensors.add(tensor);
  return tensor;
}

const lazyTensors = new WeakSet<object>();

/** Whether a tensor's values are read when they are asked for: `lazyTensor` made it. */
export function isLazy(tensor: object): tensor is StoredTensor {
  return lazyTensors.has(tensor);
}

/** Whether its values are float32, else int32. */
export function isOfFloats({ dtype }: Pick<StoredTensor, "dtype">): boolean {
  return dtype.startsWith("F") || dtype.startsWith("BF");
}

/**
 * Values of a stored tensor.
 *
 * @param buffer the elements, little-endian
 * @throws {RangeError} when an integer does not fit 32 bits
 */
export function decode(dtype: SafetensorsDtype, buffer: ArrayBuffer): StoredTensor["values"] {
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return new Float32Array(new Float64Array(buffer));
    case "F16":
      return halvesToFloats(new Uint16Array(buffer));
    case "BF16":
      return bfloatsToFloats(new Uint16Array(buffer));
    case "I32":
      return new Int32Array(buffer);
    case "I64":
      return narrow(new BigInt64Array(buffer));
    case "U64":
      return narrow(new BigUint64Array(buffer));
    case "U32":
      return narrow(new Uint32Array(buffer));
    case "I16":
      return new Int32Array(new Int16Array(buffer));
    case "U16":
      return new Int32Array(new Uint16Array(buffer));
    case "I8":
      return new Int32Array(new Int8Array(buffer));
    case "U8":
      return new Int32Array(new Uint8Array(buffer));
    case "BOOL":
      return Int32Array.from(new Uint8Array(buffer), (byte) => (byte === 0 ? 0 : 1));
    default:
      throw new TypeError(`Cannot decode dtype ${String(dtype satisfies never)}`);
  }
}

function narrow(values: BigInt64Array | BigUint64Array | Uint32Array): Int32Array {
  const narrowed = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value !== (value | 0)) throw new RangeError(`value ${values[i]} does not fit 32 bits`);
    narrowed[i] = value;
  }
  return narrowed;
}
