import { sameShape, sizeOf } from "../base/shape.ts";
import type { Device, DeviceValue } from "../runtime/device.ts";
import { allocate, RuntimeValue } from "../runtime/session.ts";
import { seenAs, type Entry } from "./entry.ts";
import { loadFiled } from "./filedEntry.ts";

/** Where tensors' values are: on the host, on the device or on both, and as ONNX Runtime sees them. */
export class EntryValues {
  readonly #device: Device | undefined;

  /** @param device undefined: all values are on the host */
  constructor(device: Device | undefined) {
    this.#device = device;
  }

  /** Copies values that are on the device or in a file alone. */
  toHost(entry: Entry): void {
    loadFiled(entry);
    const { deviceValue, array } = entry;
    if (array || !deviceValue || !this.#device) return;
    const runtimeValue = roomFor(entry);
    this.#device.download(deviceValue, runtimeValue);
    setHostValue(entry, runtimeValue);
  }

  /** The tensor on the device, copied there first if need be. */
  onDevice(entry: Entry): DeviceValue {
    if (!this.#device) throw new Error("Cannot copy a tensor to the device: there is none");
    if (!entry.deviceValue) {
      const { dtype, shape } = seenAs(entry.dtype, entry.shape);
      const deviceValue = this.#device.allocate(dtype, shape);
      this.#device.upload(this.onHost(entry), deviceValue);
      entry.deviceValue = deviceValue;
    }
    return entry.deviceValue;
  }

  releaseFromDevice(entry: Entry): void {
    if (entry.deviceValue) this.#device?.release(entry.deviceValue);
    delete entry.deviceValue;
  }

  /**
   * ONNX Runtime's view of a tensor that has values, in host memory.
   *
   * @param as the tensor's own shape, where it was reshaped and shares the entry with another
   */
  onHost(entry: Entry, as: readonly number[] = entry.shape): RuntimeValue {
    this.toHost(entry);
    const { array } = entry;
    if (!array) throw new Error("Cannot run a graph: an input has no values");
    if (!sameShape(as, entry.shape)) {
      const { dtype, shape } = seenAs(entry.dtype, as);
      return new RuntimeValue(array, dtype, shape);
    }
    if (entry.runtimeValue?.array !== array) {
      const { dtype, shape } = seenAs(entry.dtype, entry.shape);
      entry.runtimeValue = new RuntimeValue(array, dtype, shape);
    }
    return entry.runtimeValue!;
  }
}

/** Memory for values that are not on the host yet. */
export function roomFor(entry: Entry): RuntimeValue {
  const { dtype, shape } = seenAs(entry.dtype, entry.shape);
  return new RuntimeValue(allocate(dtype, sizeOf(shape)), dtype, shape);
}

/** Gives a tensor its values on the host. */
export function setHostValue(entry: Entry, runtimeValue: RuntimeValue): void {
  entry.runtimeValue = runtimeValue;
  entry.array = runtimeValue.array;
}
