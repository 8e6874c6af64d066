import type { OptionsSchema } from "../../base/options.ts";

/** Options that every schedule in a spec has: when it goes on. */
export interface CommonOptions {
  interval: "step" | "epoch";
  frequency: number;
  scheduleName?: string;
  monitor?: string;
  strict?: boolean;
}

const intervals = { enum: ["step", "epoch"] };
const count = { type: "integer", minimum: 1, default: 1 };
const scheduleName = {
  description: "What the learning rate is logged as.",
  type: "string",
  minLength: 1,
};

/** Of schedules that are functions of the step. */
export const commonSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    interval: {
      ...intervals,
      description: "What the other options call a step: an optimizer step, or an epoch.",
      default: "step",
    },
    frequency: { ...count, description: "So many of the interval are one step of the schedule." },
    scheduleName,
  },
};

/** Of schedules that follow a metric. */
export const metricSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["monitor"],
  properties: {
    interval: {
      ...intervals,
      description: "Whether to look at the metric after optimizer steps or after epochs.",
      default: "epoch",
    },
    frequency: { ...count, description: "Look after every so many of the interval." },
    monitor: { description: "Metric to follow, such as val/loss.", type: "string", minLength: 1 },
    strict: {
      description: "Whether a metric without a value is an error, and not just a warning.",
      type: "boolean",
      default: true,
    },
    scheduleName,
  },
};
