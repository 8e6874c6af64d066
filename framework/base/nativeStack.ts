import koffi from "koffi";

/**
 * Stack of a native call on a worker thread: compiling shaders and MPI's collectives need more than
 * the 128 KiB koffi gives.
 */
const stackBytes = 8 * 1024 * 1024;

/** Whether native calls on worker threads have a stack that is deep enough for all we call. */
export function hasDeepStack(): boolean {
  return (koffi.config().async_stack_size ?? 0) >= stackBytes;
}

/** To be called before a library is loaded; does nothing when one was loaded already. */
export function deepenStack(): void {
  if (hasDeepStack()) return;
  try {
    koffi.config({ async_stack_size: stackBytes });
  } catch {
    // someone else's library was loaded before; who needs the stack asks hasDeepStack()
  }
}
