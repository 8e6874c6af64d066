import { foreignFormats } from "./foreign/foreignFormats.ts";
import { foreignPoints } from "./foreign/foreignReader.ts";
import type { RunSource } from "./indexedRun.ts";
import type { PointReader } from "./pointReader.ts";
import { seedbedPoints } from "./seedbedPoints.ts";

/** Readers of curves, by the program that wrote them. */
export const pointReaders: Readonly<Record<RunSource, PointReader>> = {
  seedbed: seedbedPoints,
  tensorboard: foreignPoints(foreignFormats.tensorboard),
  wandb: foreignPoints(foreignFormats.wandb),
  mlflow: foreignPoints(foreignFormats.mlflow),
};
