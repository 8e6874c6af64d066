import { everySchema, samplerNames } from "seedbed";

import { folder, positive, seed, share, text } from "./schemas.ts";

/** What is looked at while training and measured after it. */
export interface ValidationSettings {
  /** null: with each validation. */
  everyNSteps: number | string | null;
  prompts: string[];
  samples: number;
  seed: number;
  /** null, here and below: as in the section `sampling`. */
  steps: number | null;
  guidanceScale: number | number[] | null;
  eta: number | null;
  batchSize: number | null;
  /** null: DDIM, as everywhere in the experiment. */
  sampler: string | null;
  negativePrompt: string;
  reconstructions: "never" | "once" | "always";
  metrics: boolean;
  metricSamples: number;
  colourSamples: number;
  leastDiversity: number;
  mostDrift: number;
  recontextualisations: number;
  clip: string | null;
}

const guidance = { type: "number", minimum: 1 };
const none = { type: "null" };

export const validationSchema: object = {
  type: "object",
  description:
    "Pictures and metrics of the quality while training, with the weights to publish and random numbers of their own.",
  default: {},
  properties: {
    everyNSteps: {
      ...everySchema(1),
      type: ["integer", "string", "null"],
      default: null,
      description:
        "Optimizer steps between two looks, or an interval such as `5 %`; null: with each validation of the Trainer, as callbacks that monitor need it.",
    },
    prompts: {
      type: "array",
      items: text,
      default: [],
      description: "Sampled into a grid, one row each.",
    },
    samples: { ...positive, default: 4, description: "Pictures of each prompt." },
    seed: { ...seed, default: 0, description: "Of the first picture, the next + 1 …" },
    steps: { anyOf: [positive, none], default: null, description: "null: those of `sampling`." },
    guidanceScale: {
      anyOf: [guidance, { type: "array", items: guidance, minItems: 1 }, none],
      default: null,
      description:
        "One, or several: then each prompt has a row for each, and metrics take the first; null: that of `sampling`.",
    },
    eta: { anyOf: [share, none], default: null, description: "null: that of `sampling`." },
    batchSize: { anyOf: [positive, none], default: null, description: "null: as in `sampling`." },
    sampler: {
      anyOf: [{ enum: samplerNames }, none],
      default: null,
      description: "null: DDIM.",
    },
    negativePrompt: { type: "string", default: "", description: "What guidance leads away from." },
    reconstructions: {
      enum: ["never", "once", "always"],
      default: "never",
      description:
        "Log training pictures beside what the autoencoder makes of them, under their prompts: before training, or with each look.",
    },
    metrics: {
      type: "boolean",
      default: false,
      description:
        "Measure `val/fidelity`, `val/promptFidelity`, `val/classSimilarity`, `val/diversity` and `val/score`.",
    },
    metricSamples: {
      type: "integer",
      minimum: 2,
      default: 16,
      description: "Pictures of the subject's prompt, and of the class's, for metrics.",
    },
    colourSamples: {
      type: "integer",
      minimum: 0,
      default: 1,
      description: "Pictures on each of `data.instance.backgrounds`, for `val/promptFidelity`.",
    },
    leastDiversity: {
      ...share,
      default: 0.8,
      description: "Of the untuned model's: with less, `val/score` is below -1.",
    },
    mostDrift: {
      ...share,
      default: 0.1,
      description:
        "How far the class may have gone to the subject, 1 being a picture of it: with more, `val/score` is below -1.",
    },
    recontextualisations: {
      type: "integer",
      minimum: 0,
      default: 8,
      description:
        "Pictures on each of `data.instance.backgrounds` after training, for the summary's `recontextualisation`; 0: none.",
    },
    clip: {
      anyOf: [folder, none],
      default: null,
      description:
        "A CLIP (transformers' `CLIPModel`), as a folder or `hf:owner/name`: with it `val/clipI` and `val/clipT` are measured at each look, and `clipI` and `clipT` after training.",
    },
  },
};
