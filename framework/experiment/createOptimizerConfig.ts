import { createLrScheduleConfig } from "../optim/lrSchedules/index.ts";
import { createOptimizer } from "../optim/optimizers/index.ts";
import type { ExperimentSpec } from "../spec/experimentSpec.ts";
import type { OptimizerConfig } from "../training/trainingModule.ts";

/** What a spec's `optimizer` and `lrSchedule` ask for; AdamW and a constant rate when left out. */
export function createOptimizerConfig({
  optimizer = { name: "adamW" },
  lrSchedule = { name: "constant" },
  trainer,
}: ExperimentSpec): OptimizerConfig {
  return {
    optimizer: createOptimizer(optimizer),
    lrSchedule: createLrScheduleConfig(lrSchedule, trainer),
  };
}
