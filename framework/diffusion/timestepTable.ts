import type { TimestepSpacing } from "./schedulerConfig.ts";

export interface TimestepTableOptions {
  /** Steps of the sampler. */
  steps: number;
  /** Timesteps of the training process. */
  trainTimesteps: number;
  spacing: TimestepSpacing;
  /** Added to every timestep of leading spacing. */
  offset: number;
  /**
   * Whether leading and linspace spacing divide the process into one step more, and leave out its
   * end: for solvers that end without noise by themselves.
   */
  openEnd?: boolean;
  /** False lets linspace spacing fall between timesteps. */
  rounded?: boolean;
}

/**
 * Timesteps that a sampler visits, falling.
 *
 * Source: Lin et al. 2023, arXiv:2305.08891, table 2.
 *
 * @throws {RangeError} when the steps do not fit into the training process
 */
export function timestepTable(options: TimestepTableOptions): number[] {
  const { steps, trainTimesteps, spacing, openEnd = false } = options;
  const most = openEnd && spacing !== "trailing" ? trainTimesteps - 1 : trainTimesteps;
  if (!Number.isInteger(steps) || steps < 1 || steps > most) {
    throw new RangeError(`Cannot sample: steps must be an integer from 1 to ${most}, got ${steps}`);
  }
  const table = Array.from({ length: steps }, (_, step) => timestepOf(options, step));
  if (table[0]! >= trainTimesteps) {
    throw new RangeError(
      `Cannot sample in ${steps} steps: timestep ${table[0]} is beyond the last, ${trainTimesteps - 1}; take fewer steps or offset 0`,
    );
  }
  return table;
}

/** The timestep of one step, counted from the noisiest. */
function timestepOf(
  { steps, trainTimesteps, spacing, offset, openEnd = false, rounded = true }: TimestepTableOptions,
  step: number,
): number {
  const points = openEnd ? steps + 1 : steps;
  const left = points - 1 - step;
  switch (spacing) {
    case "leading":
      return left * Math.floor(trainTimesteps / points) + offset;
    case "trailing":
      return roundHalfEven(trainTimesteps - (step * trainTimesteps) / steps) - 1;
    case "linspace": {
      const timestep = points === 1 ? 0 : (left * (trainTimesteps - 1)) / (points - 1);
      return rounded ? roundHalfEven(timestep) : Math.fround(timestep);
    }
    default:
      throw new RangeError(`Cannot space timesteps as ${String(spacing satisfies never)}`);
  }
}

/** As NumPy rounds, which made the published tables. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
