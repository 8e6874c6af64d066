import { setImmediate } from "node:timers/promises";

/** Lets others in when this process has worked for a while without a break. */
export type Pause = () => Promise<void> | undefined;

/** @param workMs how long others may have to wait */
export function pauseAfter(workMs = 12): Pause {
  let since = performance.now();
  return () => {
    if (performance.now() - since < workMs) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}
