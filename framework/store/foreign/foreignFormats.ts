import type { RunSource } from "../indexedRun.ts";
import type { ForeignFormat } from "./foreignRun.ts";
import { mlflowFormat } from "./mlflowFormat.ts";
import { tensorBoardFormat } from "./tensorBoardFormat.ts";
import { wandbFormat } from "./wandbFormat.ts";

/** How runs of other programs are read. */
export const foreignFormats: Readonly<Record<Exclude<RunSource, "seedbed">, ForeignFormat>> = {
  tensorboard: tensorBoardFormat,
  wandb: wandbFormat,
  mlflow: mlflowFormat,
};
