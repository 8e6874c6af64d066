import { InputError } from "../base/errors.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import type { DataLoaders, DataModule, DataStage } from "../data/dataModule.ts";
import { readCheckpointContent } from "./checkpoint.ts";

export interface OpenLoaders {
  readonly train: DataLoader | undefined;
  readonly evaluation: DataLoaders | undefined;
}

/**
 * Has a DataModule prepare its data, gives its loaders to `work`, and tears it down whatever
 * happens.
 *
 * @param checkpoint folder of the checkpoint that a fit resumes from
 */
export async function usingDataModule<Result>(
  dataModule: DataModule,
  stage: DataStage,
  checkpoint: string | undefined,
  work: (loaders: OpenLoaders) => Promise<Result>,
): Promise<Result> {
  await dataModule.prepareData?.();
  try {
    await dataModule.setup?.(stage);
    if (checkpoint !== undefined) {
      const { dataModule: state } = readCheckpointContent(checkpoint);
      if (state) dataModule.loadStateDict?.(state);
    }
    return await work(await openLoaders(dataModule, stage));
  } finally {
    await dataModule.teardown?.(stage);
  }
}

async function openLoaders(dataModule: DataModule, stage: DataStage): Promise<OpenLoaders> {
  if (stage === "fit") {
    const train = needed(await dataModule.trainDataloader?.(), "trainDataloader", stage);
    return { train, evaluation: await dataModule.valDataloader?.() };
  }
  const name = evaluationLoaders[stage];
  return { train: undefined, evaluation: needed(await dataModule[name]?.(), name, stage) };
}

const evaluationLoaders = {
  validate: "valDataloader",
  test: "testDataloader",
  predict: "predictDataloader",
} as const;

function needed<Loaders>(loaders: Loaders | undefined, name: string, stage: DataStage): Loaders {
  if (loaders !== undefined) return loaders;
  throw new InputError(`Cannot ${stage}: the DataModule has no ${name}`);
}
