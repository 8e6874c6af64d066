/** What is used of WebAssembly's JavaScript interface, which only the browser's library declares. */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    /** Pages of 64 KiB. */
    initial: number;
    maximum: number;
    shared: true;
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: SharedArrayBuffer;
  }

  class Module {
    constructor(bytes: Uint8Array);
  }
}
