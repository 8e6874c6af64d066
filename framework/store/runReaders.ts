import { foreignFormats } from "./foreign/foreignFormats.ts";
import { foreignRunReader } from "./foreign/foreignReader.ts";
import type { RunSource } from "./indexedRun.ts";
import type { RunReader } from "./runReader.ts";
import { seedbedReader } from "./seedbedReader.ts";

/** Readers of runs, by the program that wrote them. */
export const runReaders: Readonly<Record<RunSource, RunReader>> = {
  seedbed: seedbedReader,
  tensorboard: foreignRunReader("tensorboard", foreignFormats.tensorboard),
  wandb: foreignRunReader("wandb", foreignFormats.wandb),
  mlflow: foreignRunReader("mlflow", foreignFormats.mlflow),
};
