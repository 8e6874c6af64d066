import {
  settingsOf,
  type DreamboothSettings,
} from "../../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";

/** Settings of the committed spec with some changes. */
export async function validationSettings(...overrides: string[]): Promise<DreamboothSettings> {
  const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
  return settingsOf(spec);
}
