import { alphaAt, type NoiseSchedule } from "./noiseSchedule.ts";
import type { PredictionType } from "./schedulerConfig.ts";

/** Variance of the signal over variance of the noise at a timestep. */
export function signalToNoise(schedule: NoiseSchedule, timestep: number): number {
  const alpha = alphaAt(schedule, timestep);
  return alpha / (1 - alpha);
}

/**
 * Weights of each example's squared error, so that timesteps of little noise do not outweigh the
 * others: on the error of the clean sample it is `min(snr, gamma)`, and the other prediction types
 * get what is the same there.
 *
 * Source: Hang et al. 2023, arXiv:2303.09556, section 3.4.
 *
 * @param gamma upper limit of the weight; the paper recommends 5
 * @returns one weight per timestep, `[batch]`
 */
export function minSnrWeights(
  schedule: NoiseSchedule,
  timesteps: Int32Array,
  type: PredictionType,
  gamma = 5,
): Float32Array {
  if (!(gamma > 0)) throw new RangeError(`Cannot weight losses: gamma must be > 0, got ${gamma}`);
  return Float32Array.from(timesteps, (timestep) => {
    const snr = signalToNoise(schedule, timestep);
    return Math.min(snr, gamma) / sampleErrorShare(type, snr);
  });
}

/** Squared error of a prediction over squared error of the clean sample that it stands for. */
function sampleErrorShare(type: PredictionType, snr: number): number {
  switch (type) {
    case "epsilon":
      return snr;
    case "sample":
      return 1;
    case "v_prediction":
      return snr + 1;
    default:
      throw new RangeError(`Cannot weight prediction type ${String(type satisfies never)}`);
  }
}
