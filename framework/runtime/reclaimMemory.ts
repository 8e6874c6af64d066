import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { trimMemory } from "../base/trimMemory.ts";

type Collect = (options?: { type: "minor" }) => void;

function isCollect(value: unknown): value is Collect {
  return typeof value === "function";
}

let collect: Collect | undefined;

/** V8's garbage collector, which is called by hand only where a flag says so. */
function findCollect(): Collect {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("gc");
  return isCollect(found) ? found : () => undefined;
}

/**
 * Gives arrays that nobody refers to any more back to the system, now. V8 waits until its own heap
 * is full, whatever the size of arrays beside it, and glibc keeps what lies between used pieces.
 * Takes some 100 ms.
 */
export function reclaimMemory(): void {
  collect ??= findCollect();
  collect();
  collect({ type: "minor" }); // waits for the thread that frees the arrays
  trimMemory();
}

/** Arrays beside V8's heap that are worth 100 ms if they are garbage. */
const worthwhileBytes = 64e6;
/** What was left of such arrays the last time. */
let keptBytes = 0;

/**
 * The same where so much has come beside V8's heap since it was done last: before what needs most, such as the
 * first step of a training, after which garbage of making the data would count as well.
 */
export function reclaimLargeArrays(): void {
  if (process.memoryUsage().arrayBuffers - keptBytes < worthwhileBytes) return;
  reclaimMemory();
  keptBytes = process.memoryUsage().arrayBuffers;
}
