import type { NoiseSchedule } from "./noiseSchedule.ts";
import { signalToNoise } from "./signalToNoise.ts";

/** How the delta of a Huber loss follows the timestep. */
export type HuberSchedule = "constant" | "exponential" | "snr";

/**
 * Deltas of a batch of timesteps. All but the constant ones are about 1 where there is little noise
 * (there the loss is nearly the squared error) and fall to `delta` towards pure noise.
 *
 * Source: Khrapov et al. 2024, arXiv:2403.16728; formulas as in kohya-ss/sd-scripts.
 *
 * @returns one per timestep, `[batch]`
 */
export function huberDeltas(
  schedule: NoiseSchedule,
  timesteps: Int32Array,
  delta: number,
  type: HuberSchedule,
): Float32Array {
  const { length } = schedule.alphasCumprod;
  return Float32Array.from(timesteps, (timestep) => {
    switch (type) {
      case "constant":
        return delta;
      case "exponential":
        return delta ** (timestep / length);
      case "snr":
        return delta + (1 - delta) / (1 + signalToNoise(schedule, timestep) ** -0.5) ** 2;
      default:
        throw new RangeError(`Cannot schedule a Huber loss as ${String(type satisfies never)}`);
    }
  });
}
