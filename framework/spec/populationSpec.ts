import type { JsonSchema } from "./jsonSchema.ts";

/** Population-based training. */
export interface PopulationSpec {
  readonly size: number;
  /** Steps of a generation. */
  readonly interval: number;
  /** Share of the members that go on from one of as many best ones. */
  readonly quantile: number;
  readonly resample_probability: number;
  /** What numbers are multiplied with, one or the other. */
  readonly factors: readonly [number, number];
}

const share: JsonSchema = { type: "number", minimum: 0, maximum: 0.5, default: 0.25 };

export const populationSchema: JsonSchema = {
  type: "object",
  description: "How `pbt` goes on.",
  required: ["interval"],
  properties: {
    size: { type: "integer", minimum: 2, default: 8, description: "Members, each one trial." },
    interval: {
      type: "integer",
      minimum: 1,
      description: "Optimizer steps between two looks at all members.",
    },
    quantile: {
      ...share,
      description: "Share of the members that go on from one of as many best ones.",
    },
    resample_probability: {
      ...share,
      maximum: 1,
      description: "Of each of their parameters: to be drawn anew and not moved.",
    },
    factors: {
      type: "array",
      items: { type: "number", exclusiveMinimum: 0 },
      minItems: 2,
      maxItems: 2,
      default: [0.8, 1.2],
      description: "What numbers that are moved are multiplied with: the smaller, the larger.",
    },
  },
};
