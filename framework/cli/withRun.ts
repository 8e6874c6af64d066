import { broadcastText, type World } from "../distributed/world.ts";
import type { Run } from "../tracking/run.ts";
import { workerRun } from "../tracking/workerRun.ts";

/**
 * Does the work of one run on all workers: rank 0 opens it, the others have its name and a
 * temporary folder.
 */
export async function withRun<Result>(
  world: World,
  open: () => Run,
  work: (run: Run) => Promise<Result>,
): Promise<Result> {
  const own = world.rank === 0 ? open() : undefined;
  const manifest = await broadcastText(world, "the run", JSON.stringify(own?.manifest ?? null));
  if (own) return work(own);
  const { run, remove } = workerRun(JSON.parse(manifest));
  try {
    return await work(run);
  } finally {
    remove();
  }
}
