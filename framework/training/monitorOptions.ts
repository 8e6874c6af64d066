/** @file Options of callbacks that compare a metric with its best value, as JSON schema. */

export const modeOption: object = {
  enum: ["min", "max"],
  default: "min",
  description: "Whether smaller or larger is better.",
};

export const minDeltaOption: object = {
  type: "number",
  minimum: 0,
  default: 0,
  description: "A change of no more than this is no improvement.",
};
