import type { HostTensor } from "../base/hostTensor.ts";
import { lentValues } from "../base/sharedValues.ts";
import type { ValueReader } from "./fitContent.ts";
import type { NamedVariables } from "./trainingModule.ts";
import { checkSavable } from "./variables.ts";

const bytesPerElement = 4;

/**
 * Memory for copies of values that another thread reads. It is kept, since getting it from the system
 * takes many times as long as copying: what is copied next overwrites the copies before.
 */
export class SnapshotMemory implements ValueReader {
  readonly #buffers = new Map<string, SharedArrayBuffer>();

  /** Makes room for variables, and returns it. */
  reserve(group: string, variables: NamedVariables): SharedArrayBuffer[] {
    return Array.from(variables, ([name, { size }]) => this.#buffer(group, name, size));
  }

  async readVariables(group: string, variables: NamedVariables): Promise<Map<string, HostTensor>> {
    const copies = new Map<string, HostTensor>();
    for (const [name, variable] of variables) {
      checkSavable(name, variable);
      const values = await lentValues(variable);
      copies.set(name, this.#copy(group, name, { shape: variable.shape, values }));
    }
    return copies;
  }

  readTensors(group: string, tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
    return new Map(
      Array.from(tensors, ([name, tensor]) => [name, this.#copy(group, name, tensor)] as const),
    );
  }

  #copy(group: string, name: string, { shape, values }: HostTensor): HostTensor {
    const buffer = this.#buffer(group, name, values.length);
    const copy =
      values instanceof Int32Array
        ? new Int32Array(buffer, 0, values.length)
        : new Float32Array(buffer, 0, values.length);
    copy.set(values);
    return { shape, values: copy };
  }

  #buffer(group: string, name: string, length: number): SharedArrayBuffer {
    const key = `${group}/${name}`;
    const known = this.#buffers.get(key);
    const bytes = length * bytesPerElement;
    if (known?.byteLength === bytes) return known;
    const buffer = new SharedArrayBuffer(bytes);
    this.#buffers.set(key, buffer);
    return buffer;
  }
}
