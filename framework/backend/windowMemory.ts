/** Elements of a window of one array: 4 MB. */
const usualLength = 2 ** 20;
/** One that is read, one that is updated, one that is written. */
const windows = 3;

/** The windows through which updates pass whose arrays are not all in memory. One update runs at a time. */
export class WindowMemory {
  /** Elements of a window of each array, a multiple of 16. */
  length: number = usualLength;
  readonly windows: number = windows;
  readonly #memories = new Map<number, WebAssembly.Memory>();

  /** Memory for the windows of so many arrays: those of the first window, then those of the second. */
  of(arrays: number): WebAssembly.Memory {
    const key = arrays * this.length;
    let memory = this.#memories.get(key);
    if (!memory) {
      const pages = Math.ceil(windowBytes(arrays, this.length) / 2 ** 16);
      memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
      this.#memories.set(key, memory);
    }
    return memory;
  }
}

/** Bytes of all windows of so many arrays. */
export function windowBytes(arrays: number, length: number = usualLength): number {
  return windows * arrays * length * 4;
}
