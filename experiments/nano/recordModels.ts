import { recordModel, type Run } from "seedbed";

import type { NanoTrainingSettings } from "./settings.ts";

/**
 * Notes the models that training begins with and learns from.
 *
 * @throws {InputError} when the run goes on from a checkpoint that was trained with others
 */
export function recordModels(
  run: Pick<Run, "recordArtifact" | "recordData">,
  { model, distillation }: Pick<NanoTrainingSettings, "model" | "distillation">,
): void {
  const models = { start: model.folder, teacher: distillation.teacher };
  for (const [name, folder] of Object.entries(models)) {
    if (folder !== null) recordModel(run, name, folder);
  }
}
