import type { JsonObject } from "../base/json.ts";
import type { DataLoader } from "./dataLoader.ts";

/** What the data is wanted for. */
export type DataStage = "fit" | "validate" | "test" | "predict";

/** One loader, or a list that is walked one after another. */
export type DataLoaders = DataLoader | readonly DataLoader[];

/**
 * All that concerns a dataset in one place: fetching it, splitting it, making loaders of it. It
 * serves any experiment that trains on the data. A method is needed only for what is asked of it.
 *
 * Called in this order: `prepareData`, `setup`, `loadStateDict` when resuming, the loaders of the
 * stage, `stateDict` with every checkpoint, `teardown`.
 *
 * The loaders belong to the module: `teardown` disposes those that hold threads or files.
 */
export interface DataModule {
  /**
   * Downloads, decodes, tokenizes: what is done once and left on the disk. Runs in one process
   * only, so it must not set anything that the other methods read.
   */
  prepareData?(): void | Promise<void>;
  /** Opens and splits the data, in every process. `fit` needs training and validation data. */
  setup?(stage: DataStage): void | Promise<void>;
  /** Several training loaders become one by `combineLoaders`. */
  trainDataloader?(): DataLoader | Promise<DataLoader>;
  valDataloader?(): DataLoaders | Promise<DataLoaders>;
  testDataloader?(): DataLoaders | Promise<DataLoaders>;
  predictDataloader?(): DataLoaders | Promise<DataLoaders>;
  /** Also called when the stage has failed. */
  teardown?(stage: DataStage): void | Promise<void>;
  /** What a checkpoint keeps of the data. Loaders need nothing: they give batches by position. */
  stateDict?(): JsonObject;
  loadStateDict?(state: JsonObject): void;
}
