import { learningRate as learningRateProperty } from "./commonProperties.ts";

/** Options that Adam and AdamW share, as JSON schema. */
export const adamProperties: Readonly<Record<string, object>> = {
  learningRate: learningRateProperty,
  betas: {
    description: "Decay rates of the first and the second moment.",
    type: "array",
    items: { type: "number", minimum: 0, exclusiveMaximum: 1 },
    minItems: 2,
    maxItems: 2,
    default: [0.9, 0.999],
  },
  epsilon: {
    description: "Added to the root of the second moment.",
    type: "number",
    exclusiveMinimum: 0,
    default: 1e-8,
  },
};
