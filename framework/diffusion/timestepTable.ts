import type { TimestepSpacing } from "./schedulerConfig.ts";

export interface TimestepTableOptions {
  /** Steps of the sampler. */
  steps: number;
  /** Timesteps of the training process. */
  trainTimesteps: number;
  spacing: TimestepSpacing;
  /** Added to every timestep of leading spacing. */
  offset: number;
}

/**
 * Timesteps that a sampler visits, falling.
 *
 * Source: Lin et al. 2023, arXiv:2305.08891, table 2.
 *
 * @throws {RangeError} when the steps do not fit into the training process
 */
export function timestepTable({
  steps,
  trainTimesteps,
  spacing,
  offset,
}: TimestepTableOptions): Int32Array {
  if (!Number.isInteger(steps) || steps < 1 || steps > trainTimesteps) {
    throw new RangeError(
      `Cannot sample: steps must be an integer from 1 to ${trainTimesteps}, got ${steps}`,
    );
  }
  const table = Int32Array.from({ length: steps }, (_, i) => {
    const left = steps - 1 - i;
    switch (spacing) {
      case "leading":
        return left * Math.floor(trainTimesteps / steps) + offset;
      case "trailing":
        return roundHalfEven(trainTimesteps - (i * trainTimesteps) / steps) - 1;
      case "linspace":
        return steps === 1 ? 0 : roundHalfEven((left * (trainTimesteps - 1)) / (steps - 1));
      default:
        throw new RangeError(`Cannot space timesteps as ${String(spacing satisfies never)}`);
    }
  });
  if (table[0]! >= trainTimesteps) {
    throw new RangeError(
      `Cannot sample in ${steps} steps: timestep ${table[0]} is beyond the last, ${trainTimesteps - 1}; take fewer steps or offset 0`,
    );
  }
  return table;
}

/** As NumPy rounds, which made the published tables. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
