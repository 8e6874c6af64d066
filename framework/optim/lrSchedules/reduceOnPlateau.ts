import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { MetricLrSchedule } from "../lrSchedule.ts";

export interface ReduceOnPlateauOptions {
  mode: "min" | "max";
  factor: number;
  patience: number;
  threshold: number;
  thresholdMode: "rel" | "abs";
  cooldown: number;
  minFactor: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    mode: {
      description: "Whether the metric should fall or rise.",
      enum: ["min", "max"],
      default: "min",
    },
    factor: {
      description: "What the learning rate is multiplied by.",
      type: "number",
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.1,
    },
    patience: {
      description: "Values without improvement that are let pass; the next one reduces the rate.",
      type: "integer",
      minimum: 0,
      default: 10,
    },
    threshold: {
      description: "Least improvement on the best value.",
      type: "number",
      minimum: 0,
      default: 0.0001,
    },
    thresholdMode: {
      description: "`rel`: the threshold is a share of the best value; `abs`: a difference.",
      enum: ["rel", "abs"],
      default: "rel",
    },
    cooldown: {
      description: "Values after a reduction that do not count as without improvement.",
      type: "integer",
      minimum: 0,
      default: 0,
    },
    minFactor: {
      description: "Least factor on the base learning rate.",
      type: "number",
      minimum: 0,
      maximum: 1,
      default: 0,
    },
  },
};

/**
 * Multiplies the rate by `factor` when a metric has stopped to improve. A value that is not finite
 * is no improvement.
 *
 * Source: PyTorch's `ReduceLROnPlateau`, without its `eps`. With `rel` the metric should be
 * positive, as there.
 */
export function reduceOnPlateau(options: Partial<ReduceOnPlateauOptions> = {}): MetricLrSchedule {
  const settings = readOptions<ReduceOnPlateauOptions>("reduceOnPlateau", optionsSchema, options);
  const { mode, patience, threshold, thresholdMode, cooldown, minFactor } = settings;
  let factor = 1;
  let best: number | undefined;
  let badValues = 0;
  let cooldownLeft = 0;

  function improves(value: number): boolean {
    if (!Number.isFinite(value)) return false;
    if (best === undefined) return true;
    const margin = thresholdMode === "rel" ? best * threshold : threshold;
    return mode === "min" ? value < best - margin : value > best + margin;
  }

  return {
    get factor() {
      return factor;
    },
    update(value) {
      const better = improves(value);
      if (better) best = value;
      badValues = better || cooldownLeft > 0 ? 0 : badValues + 1;
      cooldownLeft = Math.max(0, cooldownLeft - 1);
      if (badValues <= patience) return;
      factor = Math.max(factor * settings.factor, minFactor);
      cooldownLeft = cooldown;
      badValues = 0;
    },
    stateDict: () => ({ factor, ...(best !== undefined && { best }), badValues, cooldownLeft }),
    loadStateDict(state) {
      factor = numberOf(state, "factor");
      badValues = numberOf(state, "badValues");
      cooldownLeft = numberOf(state, "cooldownLeft");
      best = state["best"];
    },
  };
}

function numberOf(state: Readonly<Record<string, number>>, key: string): number {
  const value = state[key];
  if (value !== undefined) return value;
  const keys = Object.keys(state).join(", ") || "nothing";
  throw new RangeError(`Cannot load reduceOnPlateau: expected a state with ${key}, got ${keys}`);
}
