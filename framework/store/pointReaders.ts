import { foreignPoints } from "./foreignReader.ts";
import type { RunSource } from "./indexedRun.ts";
import type { PointReader } from "./pointReader.ts";
import { seedbedPoints } from "./seedbedPoints.ts";
import { tensorBoardFormat } from "./tensorBoardFormat.ts";
import { wandbFormat } from "./wandbFormat.ts";

/** Readers of curves, by the program that wrote them. */
export const pointReaders: Readonly<Record<RunSource, PointReader>> = {
  seedbed: seedbedPoints,
  tensorboard: foreignPoints(tensorBoardFormat),
  wandb: foreignPoints(wandbFormat),
};
