import type { RunSource } from "./indexedRun.ts";
import type { PointReader } from "./pointReader.ts";
import { seedbedPoints } from "./seedbedPoints.ts";

/** Readers of curves, by the program that wrote them. */
export const pointReaders: Readonly<Record<RunSource, PointReader>> = {
  seedbed: seedbedPoints,
  tensorboard: seedbedPoints,
  wandb: seedbedPoints,
};
