import type { LrSchedule } from "../lrSchedule.ts";

/** A schedule's name and the options beside it. */
export interface ScheduleSection {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** What a schedule is given to make the schedules inside it. */
export interface Composition {
  /** Length of the schedule in steps, where it is known. */
  readonly totalSteps: number | undefined;
  /**
   * Makes a schedule of the step alone.
   *
   * @param totalSteps for schedules that end and do not say where
   */
  readonly create: (section: ScheduleSection, totalSteps: number | undefined) => LrSchedule;
}

/** The option `schedules`, as JSON schema. */
export const schedulesProperty: object = {
  description:
    "Schedules, each with `name` and its options, but without interval and frequency of its own.",
  type: "array",
  minItems: 1,
  items: {
    type: "object",
    required: ["name"],
    properties: { name: { type: "string" } },
    additionalProperties: true,
  },
};
