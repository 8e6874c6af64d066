import type { CheckpointContent } from "./checkpointContent.ts";
import type { FitContent } from "./fitContent.ts";
import type { FitState } from "./fitState.ts";

const numbersDecidedBy = [
  "seed",
  "accumulateGradBatches",
  "batchesPerEpoch",
  "precision",
  "workers",
] as const;

/**
 * Tells what has changed since a checkpoint was saved: it may be on purpose, at the price of other
 * numbers than an uninterrupted run's.
 */
export function warnOfChanges(
  content: CheckpointContent,
  { batchesPerEpoch, versions }: Pick<FitContent, "batchesPerEpoch" | "versions">,
  settings: FitState["settings"],
): void {
  const { seed, accumulateGradBatches, precision, world } = settings;
  const workers = world.size;
  const now = { seed, accumulateGradBatches, batchesPerEpoch, precision, workers };
  const then = { ...content, workers: content.workers ?? 1 };
  for (const name of numbersDecidedBy) {
    if ((then[name] ?? now[name]) === now[name]) continue;
    settings.print(`${name} is ${now[name]}, but was ${then[name]} before resuming`);
  }
  for (const [name, version] of Object.entries(content.versions ?? {})) {
    if (versions[name] === version) continue;
    settings.print(`${name} is ${versions[name]}, but was ${version} before resuming`);
  }
}
