import { InputError } from "../../../base/errors.ts";
import type { RunAddress, WandbApi } from "./api.ts";
import { collectUpload } from "./collectUpload.ts";
import { earlierFolders, readOfflineFolder, type OfflineFolder } from "./offlineFolder.ts";
import { askLineCounts } from "./runMutations.ts";
import type { StreamKind } from "./syncProgress.ts";

/**
 * The place of a folder's lines in its run: after those of earlier processes, less the rows that
 * later ones repeat. Where a run was resumed and its earlier folders are not here, the server knows.
 */
export async function placeInRun(
  api: WandbApi,
  offline: OfflineFolder,
  address: RunAddress,
): Promise<Record<StreamKind, number>> {
  const { startingStep, resumed } = offline.run;
  const place = { history: 0, events: 0, output: 0 };
  let steps: number[] = [];
  const earlier = earlierFolders(offline).flatMap(readUndamaged);
  if (earlier.length === 0) return resumed ? askLineCounts(api, address) : place;
  for (const each of earlier) {
    const { history, events, output } = collectUpload(each);
    steps = steps.filter((step) => step < each.run.startingStep);
    for (const { step } of history) steps.push(step);
    place.events += events.length;
    place.output += output.length;
  }
  return { ...place, history: steps.filter((step) => step < startingStep).length };
}

/** The next process of a run whose log is damaged has written its rows again. */
function readUndamaged(folder: string): OfflineFolder[] {
  try {
    return [readOfflineFolder(folder)];
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}
