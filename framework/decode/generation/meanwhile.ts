import { setImmediate } from "node:timers/promises";

/** Does something while the engine computes, once it has begun to; waits for both. */
export async function meanwhile<Result>(
  run: Promise<Result>,
  work: () => void | Promise<void>,
): Promise<Result> {
  const [result] = await Promise.all([run, setImmediate().then(work)]);
  return result;
}
