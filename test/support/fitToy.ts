import type {
  Callback,
  DataLoader,
  FitResult,
  ManualTrainingModule,
  TrainerState,
  TrainingModule,
} from "seedbed";

import { Trainer, type TrainerOptions } from "../../framework/training/trainer.ts";
import { parameterBytes, toyLoader, toyModule, type ToyOptions } from "./toyTraining.ts";

export const quiet: TrainerOptions = { print: () => {}, numSanityValSteps: 0 };

type Overrides = Partial<TrainingModule & ManualTrainingModule>;

export interface ToyFit extends TrainerOptions {
  batches?: number;
  /** In the place of so many batches. */
  loader?: DataLoader;
  validates?: boolean;
  module?: ToyOptions;
  /** What the toy does differently. */
  overrides?: Overrides | ((toy: TrainingModule) => Overrides);
}

/** Fits the toy and gives the result with the module's final bytes. */
export async function fitToy({
  batches = 4,
  loader = toyLoader(batches),
  validates = false,
  module: toy = {},
  overrides = {},
  ...options
}: ToyFit): Promise<FitResult & { bytes: string }> {
  const module = toyModule(toy);
  try {
    const trainer = new Trainer({ ...quiet, ...options });
    const valLoader = validates ? toyLoader(3) : undefined;
    const data = { trainLoader: loader, valLoader };
    const own = typeof overrides === "function" ? overrides(module) : overrides;
    const result = await trainer.fit({ ...module, ...own }, data);
    return { ...result, bytes: await parameterBytes(module) };
  } finally {
    module.dispose();
  }
}

/** Calls `act` at one hook. */
export const at = (hook: keyof Callback, act: (state: TrainerState) => unknown): Callback => ({
  name: "acting",
  [hook]: act,
});
