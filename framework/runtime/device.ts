import koffi from "koffi";

import { describeShape, sizeOf } from "../base/shape.ts";
import { loadRuntime, PointerSlot, type Pointer } from "./ortLibrary.ts";
import { elementTypes, type NativeValue, type RuntimeType, type Session } from "./session.ts";

/** As ONNX Runtime calls the memory of its WebGPU provider. */
const memoryName = "WebGPU_Buf";
const elementBytes: Record<RuntimeType, number> = { float32: 4, int32: 4, bool: 1 };

/** A tensor on the device; whoever allocated it releases it. */
export interface DeviceValue extends NativeValue {
  readonly sizeBytes: number;
}

/** What has been allocated on a device and copied to it and from it outside of sessions. */
export interface DeviceReport {
  /** Tensors held now. */
  tensors: number;
  bytes: number;
  /** Copies so far. */
  uploads: number;
  downloads: number;
}

/**
 * Memory of the device that a session runs on.
 *
 * The provider does one thing at a time: nothing is copied while a session runs, and what is
 * released meanwhile goes afterwards.
 */
export class Device {
  readonly #allocator: Pointer;
  readonly #released: DeviceValue[] = [];
  #running = false;
  #tensors = 0;
  #bytes = 0;
  #uploads = 0;
  #downloads = 0;

  /** @param session of the device's provider; lives as long as this */
  constructor(session: Session) {
    const { api, check } = loadRuntime();
    const slot = new PointerSlot();
    const [deviceAllocator, id, defaultMemory] = [0, 0, 0];
    check(
      api.createMemoryInfo(memoryName, deviceAllocator, id, defaultMemory, slot.address),
      "describe the device's memory",
    );
    this.#allocator = session.allocator(slot.value);
    api.releaseMemoryInfo(slot.value);
  }

  get running(): boolean {
    return this.#running;
  }

  /** A tensor of no particular content. */
  allocate(dtype: RuntimeType, shape: readonly number[]): DeviceValue {
    const { api, check } = loadRuntime();
    const dimensions = BigInt64Array.from(shape, BigInt);
    const slot = new PointerSlot();
    check(
      api.createTensorAsOrtValue(
        this.#allocator,
        dimensions,
        shape.length,
        elementTypes[dtype],
        slot.address,
      ),
      `allocate a tensor of shape ${describeShape(shape)} on the device`,
    );
    const value = { pointer: slot.value, sizeBytes: sizeOf(shape) * elementBytes[dtype] };
    this.#tensors++;
    this.#bytes += value.sizeBytes;
    return value;
  }

  release(value: DeviceValue): void {
    if (this.#running) {
      this.#released.push(value);
      return;
    }
    loadRuntime().api.releaseValue(value.pointer);
    this.#tensors--;
    this.#bytes -= value.sizeBytes;
  }

  upload(from: NativeValue, to: DeviceValue): void {
    this.#copy(from, to);
    this.#uploads++;
  }

  download(from: DeviceValue, to: NativeValue): void {
    this.#copy(from, to);
    this.#downloads++;
  }

  #copy(from: NativeValue, to: NativeValue): void {
    if (this.#running) {
      throw new Error(
        "Cannot copy to or from the device while a compiled function runs: await the function",
      );
    }
    const { api, environment, check } = loadRuntime();
    const [source, target] = [from, to].map(({ pointer }) => BigUint64Array.of(pointer));
    check(api.copyTensors(environment, source, target, null, 1), "copy a tensor of the device");
  }

  /** Keeps others off the device until `run` is done. */
  async whileRunning(run: () => Promise<void>): Promise<void> {
    this.#running = true;
    try {
      await run();
    } finally {
      this.#running = false;
      for (const value of this.#released.splice(0)) this.release(value);
    }
  }

  report(): DeviceReport {
    return {
      tensors: this.#tensors,
      bytes: this.#bytes,
      uploads: this.#uploads,
      downloads: this.#downloads,
    };
  }
}

/** Name of the memory that a tensor is in, such as `Cpu` or `WebGPU_Buf`, as ONNX Runtime says. */
export function memoryOf({ pointer }: NativeValue): string {
  const { api, check } = loadRuntime();
  const slot = new PointerSlot();
  check(api.getTensorMemoryInfo(pointer, slot.address), "ask where a tensor is");
  check(api.memoryInfoGetName(slot.value, slot.address), "ask where a tensor is");
  const name: unknown = koffi.decode(slot.address, "const char *");
  return typeof name === "string" ? name : "";
}
