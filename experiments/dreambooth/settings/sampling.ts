import { positive, seed, share, text } from "./schemas.ts";

/** Pictures made before and after. */
export interface SamplingSettings {
  steps: number;
  guidanceScale: number;
  eta: number;
  batchSize: number;
  seed: number;
  samples: number;
  prompts: string[];
}

export const samplingSchema: object = {
  type: "object",
  description: "Pictures made before and after, for the grid and the evaluation.",
  default: {},
  properties: {
    steps: { ...positive, default: 30 },
    guidanceScale: { type: "number", minimum: 1, default: 3 },
    eta: { ...share, default: 0, description: "Fresh noise of DDIM's steps; 1: ancestral." },
    batchSize: { ...positive, default: 16 },
    seed: { ...seed, default: 0 },
    samples: {
      ...positive,
      default: 32,
      description:
        "Per prompt; the grid shows the first 8. What became of the class is measured by 2 or more.",
    },
    prompts: {
      type: "array",
      items: text,
      default: [],
      description: "More prompts for the grid, such as the subject on another background.",
    },
  },
};
