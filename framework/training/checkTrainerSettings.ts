import type { Precision } from "../base/precision.ts";
import { smallestLossScale } from "../optim/lossScale.ts";
import type { TrainerSettings } from "./trainerOptions.ts";

/** @throws {RangeError} naming the first setting that cannot be used */
export function checkTrainerSettings(settings: TrainerSettings): void {
  const count = (name: keyof TrainerSettings, least: number, text = `an integer >= ${least}`) => {
    const value = settings[name];
    const fits = value === undefined || value === Infinity || isInteger(value, least);
    if (!fits) refuse(name, text, value);
  };
  if (!isInteger(settings.seed, 0) || settings.seed >= 2 ** 32) {
    refuse("seed", "an integer in [0, 2^32)", settings.seed);
  }
  count("maxSteps", 0, "an integer >= 0, or -1 for no limit");
  count("maxEpochs", 0, "an integer >= 0, or -1 for no limit");
  count("minSteps", 0);
  count("minEpochs", 0);
  count("accumulateGradBatches", 1);
  count("checkValEveryNEpoch", 1, "an integer >= 1, or null");
  count("maxRollBacks", 1);
  count("numSanityValSteps", -1, "an integer >= 0, or -1 for all");
  checkDevices(settings);
  checkPrecision(settings);
  const { gradientClipAlgorithm, gradientClipVal, valCheckInterval, checkValEveryNEpoch } =
    settings;
  if (gradientClipAlgorithm !== "norm" && gradientClipAlgorithm !== "value") {
    refuse("gradientClipAlgorithm", '"norm" or "value"', gradientClipAlgorithm);
  }
  if (Number.isNaN(gradientClipVal)) refuse("gradientClipVal", "a number", gradientClipVal);
  if (valCheckInterval === 0) refuse("valCheckInterval", partOrCount, valCheckInterval);
  for (const name of partsOrCounts) {
    const value = settings[name];
    if (value === undefined || isInteger(value, 0) || (value > 0 && value < 1)) continue;
    refuse(name, partOrCount, value);
  }
  const byText = settings.validationInterval !== undefined;
  if (checkValEveryNEpoch === undefined && !byText && !isInteger(valCheckInterval, 1)) {
    refuse(
      "valCheckInterval",
      "a whole number of steps, since checkValEveryNEpoch is null",
      valCheckInterval,
    );
  }
}

/** The workers are there; other numbers are refused, not ignored. */
function checkDevices(settings: TrainerSettings): void {
  const { strategy, shardOptimizer, devices, world, profiler } = settings;
  if (strategy !== "auto" && strategy !== "mpi") refuse("strategy", '"auto" or "mpi"', strategy);
  if (typeof shardOptimizer !== "boolean") {
    refuse("strategy.shardOptimizer", "true or false", shardOptimizer);
  }
  if (devices !== world.size && devices !== "auto") {
    refuse("devices", `"auto" or ${world.size}, as many as there are workers`, devices);
  }
  if (profiler !== null && profiler !== "simple" && profiler !== "advanced") {
    refuse("profiler", '"simple", "advanced" or null', profiler);
  }
}

function checkPrecision({
  precision,
  detectAnomaly,
  lossScale,
  onNonFinite,
}: TrainerSettings): void {
  if (detectAnomaly && onNonFinite !== "stop") {
    refuse("onNonFinite", "stop, since detectAnomaly looks for what is not finite", onNonFinite);
  }
  if (!precisions.includes(precision)) refuse("precision", precisions.join(", "), precision);
  if (detectAnomaly && precision !== "32-true") {
    refuse("precision", "32-true, since detectAnomaly looks at operations in float32", precision);
  }
  const { initialScale, growthFactor, backoffFactor, growthInterval } = lossScale;
  if (!(initialScale >= smallestLossScale && Number.isFinite(Math.fround(initialScale)))) {
    refuse("lossScale.initialScale", `a number of float32 >= ${smallestLossScale}`, initialScale);
  }
  if (!(growthFactor > 1)) refuse("lossScale.growthFactor", "a number > 1", growthFactor);
  if (!(backoffFactor > 0 && backoffFactor < 1)) {
    refuse("lossScale.backoffFactor", "a number between 0 and 1", backoffFactor);
  }
  if (!isInteger(growthInterval, 1)) {
    refuse("lossScale.growthInterval", "an integer >= 1", growthInterval);
  }
}

const precisions: readonly string[] = ["32-true", "16-mixed", "bf16-mixed"] satisfies Precision[];

const partsOrCounts = [
  "valCheckInterval",
  "limitTrainBatches",
  "limitValBatches",
  "limitTestBatches",
  "limitPredictBatches",
  "overfitBatches",
] as const;

const partOrCount = "a whole number, or a fraction between 0 and 1";

const isInteger = (value: unknown, least: number): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least;

function refuse(name: string, expected: string, got: unknown): never {
  throw new RangeError(`Cannot build Trainer: ${name} must be ${expected}, got ${String(got)}`);
}
