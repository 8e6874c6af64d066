import { foreignRunReader } from "./foreignReader.ts";
import type { RunSource } from "./indexedRun.ts";
import type { RunReader } from "./runReader.ts";
import { seedbedReader } from "./seedbedReader.ts";
import { tensorBoardFormat } from "./tensorBoardFormat.ts";
import { wandbFormat } from "./wandbFormat.ts";

/** Readers of runs, by the program that wrote them. */
export const runReaders: Readonly<Record<RunSource, RunReader>> = {
  seedbed: seedbedReader,
  tensorboard: foreignRunReader("tensorboard", tensorBoardFormat),
  wandb: foreignRunReader("wandb", wandbFormat),
};
