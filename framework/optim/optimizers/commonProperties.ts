/** Options that several optimizers have, as JSON schema. */

export const learningRate: object = {
  description: "Step size before the learning-rate schedule.",
  type: "number",
  minimum: 0,
  default: 0.001,
};

/** Weight decay beside the gradient, as AdamW has it. */
export const decoupledWeightDecay = (fallback: number): object => ({
  description: "Share of a weight that is taken away per step, times the learning rate.",
  type: "number",
  minimum: 0,
  default: fallback,
});

/** Keeps a division by a root finite. */
export const epsilonOf = (fallback: number): object => ({
  description: "Added to the root that the gradient is divided by.",
  type: "number",
  exclusiveMinimum: 0,
  default: fallback,
});

/** Weight decay as part of the gradient. */
export const l2Penalty: object = {
  description: "L2 penalty: this share of a weight is added to its gradient.",
  type: "number",
  minimum: 0,
  default: 0,
};
