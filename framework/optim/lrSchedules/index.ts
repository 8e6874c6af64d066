import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { LrSchedule, LrScheduleConfig, MetricLrSchedule } from "../lrSchedule.ts";
import * as chained from "./chained.ts";
import { commonSchema, metricSchema, type CommonOptions } from "./commonOptions.ts";
import type { Composition, ScheduleSection } from "./composition.ts";
import * as constant from "./constant.ts";
import * as cosine from "./cosine.ts";
import * as cosineWithRestarts from "./cosineWithRestarts.ts";
import * as exponential from "./exponential.ts";
import * as inverseSquareRoot from "./inverseSquareRoot.ts";
import * as linear from "./linear.ts";
import * as multiStep from "./multiStep.ts";
import * as oneCycle from "./oneCycle.ts";
import * as polynomial from "./polynomial.ts";
import * as reduceOnPlateau from "./reduceOnPlateau.ts";
import * as sequential from "./sequential.ts";
import * as step from "./step.ts";

/** A schedule that a spec can name, and the options that are its own. */
interface StepEntry {
  create(options: object, composition: Composition): LrSchedule;
  readonly optionsSchema: OptionsSchema;
}

interface MetricEntry {
  create(options: object): MetricLrSchedule;
  readonly optionsSchema: OptionsSchema;
}

/** The key is the name in YAML. */
const stepSchedules: Readonly<Record<string, StepEntry>> = {
  chained: { create: chained.chained, optionsSchema: chained.optionsSchema },
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
  sequential: { create: sequential.sequential, optionsSchema: sequential.optionsSchema },
  step: { create: step.step, optionsSchema: step.optionsSchema },
};

/** Those that follow a metric. */
const metricSchedules: Readonly<Record<string, MetricEntry>> = {
  reduceOnPlateau: {
    create: reduceOnPlateau.reduceOnPlateau,
    optionsSchema: reduceOnPlateau.optionsSchema,
  },
};

/** Every learning-rate schedule a spec can name, with all the options that stand beside `name`. */
export const lrSchedules: Readonly<Record<string, { readonly optionsSchema: OptionsSchema }>> = {
  ...withCommon(stepSchedules, commonSchema),
  ...withCommon(metricSchedules, metricSchema),
};

function withCommon(
  entries: Readonly<Record<string, { readonly optionsSchema: OptionsSchema }>>,
  common: OptionsSchema,
): Record<string, { optionsSchema: OptionsSchema }> {
  const extended = Object.entries(entries).map(([name, { optionsSchema }]) => {
    const required = [...(optionsSchema.required ?? []), ...(common.required ?? [])];
    const properties = { ...optionsSchema.properties, ...common.properties };
    return [name, { optionsSchema: { ...optionsSchema, required, properties } }];
  });
  return Object.fromEntries(extended);
}

/** The run's length, as far as it is known. */
export interface ScheduleLimits {
  readonly maxSteps?: number | undefined;
  readonly maxEpochs?: number | undefined;
}

/**
 * The schedule of a spec's `lrSchedule` section, and when it goes on. The section has its `name`
 * and its options beside it.
 *
 * @param limits where schedules end that name no `totalSteps`; the one of the section's `interval`
 *   counts
 * @throws {RangeError} when no schedule has that name, or its options are wrong
 */
export function createLrScheduleConfig(
  { name, ...options }: ScheduleSection,
  limits: ScheduleLimits = {},
): LrScheduleConfig {
  entryOf(lrSchedules, name, `lrSchedule "${name}"`);
  const metricEntry = Object.hasOwn(metricSchedules, name) ? metricSchedules[name] : undefined;
  const schema = metricEntry ? metricSchema : commonSchema;
  const isCommon = ([key]: [string, unknown]): boolean => Object.hasOwn(schema.properties, key);
  const common = Object.fromEntries(Object.entries(options).filter(isCommon));
  const own = Object.fromEntries(Object.entries(options).filter((entry) => !isCommon(entry)));
  const settings = readOptions<CommonOptions>(name, schema, common);
  const { interval, frequency, monitor, strict = true, scheduleName } = settings;
  const limit = interval === "step" ? limits.maxSteps : limits.maxEpochs;
  const totalSteps = limit === undefined ? undefined : Math.ceil(limit / frequency);
  return {
    schedule: metricEntry
      ? metricEntry.create(own)
      : createStepSchedule({ name, ...own }, totalSteps),
    interval,
    frequency,
    strict,
    ...(monitor !== undefined && { monitor }),
    ...(scheduleName !== undefined && { name: scheduleName }),
  };
}

/**
 * As {@link createLrScheduleConfig}, for callers that know optimizer steps and nothing else.
 *
 * @throws {RangeError} also when the schedule counts something else or follows a metric
 */
export function createLrSchedule(section: ScheduleSection, maxSteps?: number): LrSchedule {
  const { schedule, interval, frequency } = createLrScheduleConfig(section, { maxSteps });
  if (typeof schedule === "function" && interval === "step" && frequency === 1) return schedule;
  const got =
    typeof schedule === "function"
      ? `interval "${interval}" and frequency ${frequency}`
      : "one that follows a metric";
  throw new RangeError(
    `Cannot build lrSchedule "${section.name}": expected one that goes on at every step, got ${got}`,
  );
}

function createStepSchedule(
  { name, ...options }: ScheduleSection,
  totalSteps: number | undefined,
): LrSchedule {
  const entry = entryOf(stepSchedules, name, `lrSchedule "${name}" inside another`);
  const ends = "totalSteps" in entry.optionsSchema.properties && totalSteps !== undefined;
  const composition = { totalSteps, create: createStepSchedule };
  return entry.create(ends ? { totalSteps, ...options } : options, composition);
}

function entryOf<T>(entries: Readonly<Record<string, T>>, name: string, what: string): T {
  if (Object.hasOwn(entries, name)) return entries[name]!;
  const known = Object.keys(entries).toSorted().join(", ");
  throw new RangeError(`Cannot build ${what}: expected one of ${known}`);
}
