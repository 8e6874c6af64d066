/** What is minimised. */
export interface LossSettings {
  priorWeight: number;
  minSnrGamma: number | null;
}

export const lossSchema: object = {
  type: "object",
  description: "What is minimised.",
  default: {},
  properties: {
    priorWeight: {
      type: "number",
      minimum: 0,
      default: 1,
      description: "Weight of the class images' loss; 0 trains without class images.",
    },
    minSnrGamma: {
      anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }],
      default: null,
      description: "Weight timesteps by min(SNR, gamma); null: all alike.",
    },
  },
};
