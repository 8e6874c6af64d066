import {
  readSchedulerConfig,
  retrainedScheduler,
  type SchedulerConfig,
} from "../diffusion/schedulerConfig.ts";
import { openPipeline, type LoadPipelineOptions } from "../pipelines/loadPipeline.ts";
import type { ExportSource } from "./exportSource.ts";

/** What a run can train a model to, and what follows from it. */
const keys = [
  "_class_name",
  "prediction_type",
  "rescale_betas_zero_snr",
  "timestep_spacing",
] as const satisfies readonly (keyof SchedulerConfig)[];

/**
 * How the scheduler of what is exported differs from that of the pipeline that its run began with, for
 * people; undefined where it does not.
 */
export function schedulerChange(
  { model, retraining }: ExportSource,
  { settings, variant }: Pick<LoadPipelineOptions, "settings" | "variant"> = {},
): string | undefined {
  if (retraining === undefined) return undefined;
  const given = readSchedulerConfig(
    openPipeline(model, { settings, variant }).schedulerConfig,
    model,
  );
  const trained = retrainedScheduler(given, retraining);
  const changed = keys.filter((key) => trained[key] !== given[key]);
  if (changed.length === 0) return undefined;
  return changed.map((key) => `${key} ${trained[key]}, was ${given[key]}`).join("; ");
}
