import type { OptionsSchema } from "../../base/options.ts";
import type { LrSchedule } from "../lrSchedule.ts";
import * as constant from "./constant.ts";
import * as cosine from "./cosine.ts";
import * as cosineWithRestarts from "./cosineWithRestarts.ts";
import * as exponential from "./exponential.ts";
import * as inverseSquareRoot from "./inverseSquareRoot.ts";
import * as linear from "./linear.ts";
import * as multiStep from "./multiStep.ts";
import * as oneCycle from "./oneCycle.ts";
import * as polynomial from "./polynomial.ts";
import * as step from "./step.ts";

/** One learning-rate schedule a spec can name. */
export interface LrScheduleEntry {
  create(options: object): LrSchedule;
  /** The options beside `name`. */
  readonly optionsSchema: OptionsSchema;
}

/** Every learning-rate schedule a spec can name. The key is the name in YAML. */
export const lrSchedules: Readonly<Record<string, LrScheduleEntry>> = {
  constant: { create: constant.constant, optionsSchema: constant.optionsSchema },
  cosine: { create: cosine.cosine, optionsSchema: cosine.optionsSchema },
  cosineWithRestarts: {
    create: cosineWithRestarts.cosineWithRestarts,
    optionsSchema: cosineWithRestarts.optionsSchema,
  },
  exponential: { create: exponential.exponential, optionsSchema: exponential.optionsSchema },
  inverseSquareRoot: {
    create: inverseSquareRoot.inverseSquareRoot,
    optionsSchema: inverseSquareRoot.optionsSchema,
  },
  linear: { create: linear.linear, optionsSchema: linear.optionsSchema },
  multiStep: { create: multiStep.multiStep, optionsSchema: multiStep.optionsSchema },
  oneCycle: { create: oneCycle.oneCycle, optionsSchema: oneCycle.optionsSchema },
  polynomial: { create: polynomial.polynomial, optionsSchema: polynomial.optionsSchema },
  step: { create: step.step, optionsSchema: step.optionsSchema },
};

/**
 * The schedule of a spec's `lrSchedule` section: its `name`, and its options beside it.
 *
 * @param maxSteps the run's length in optimizer steps, for schedules that end and name no
 *   `totalSteps`
 * @throws {RangeError} when no schedule has that name
 */
export function createLrSchedule(
  { name, ...options }: { readonly name: string },
  maxSteps?: number,
): LrSchedule {
  if (!Object.hasOwn(lrSchedules, name)) {
    const known = Object.keys(lrSchedules).join(", ");
    throw new RangeError(`Cannot build lrSchedule "${name}": expected one of ${known}`);
  }
  const entry = lrSchedules[name]!;
  const ends = "totalSteps" in entry.optionsSchema.properties && maxSteps !== undefined;
  return entry.create(ends ? { totalSteps: maxSteps, ...options } : options);
}
