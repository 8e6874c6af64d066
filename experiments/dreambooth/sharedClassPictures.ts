import { existsSync } from "node:fs";

import { broadcastText, type ExperimentContext } from "seedbed";

import { classPictures, type ClassModel } from "./classPictures.ts";
import type { DreamboothSettings } from "./settings.ts";

/**
 * `classPictures`, which rank 0 draws or finds in the run's folder; the other workers take the same
 * files. One that does not see them, on another host, draws them itself.
 */
export async function sharedClassPictures(
  model: ClassModel,
  settings: DreamboothSettings,
  context: Pick<ExperimentContext, "run" | "signal" | "print" | "world">,
): Promise<string[]> {
  const { world } = context;
  const own = world.rank === 0 ? await classPictures(model, settings, context) : undefined;
  const told = await broadcastText(world, "the class's images", JSON.stringify(own ?? []));
  const files: string[] = own ?? JSON.parse(told);
  return files.every((file) => existsSync(file)) ? files : classPictures(model, settings, context);
}
