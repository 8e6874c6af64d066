import { everySchema, readSections, type ExperimentSpec } from "seedbed";

import { exportSection, latentDataSection, type LatentDataSettings } from "./sections.ts";

/** What the spec says beyond the common keys. */
export interface TextToImageSettings {
  data: LatentDataSettings;
  model: {
    autoencoder: string;
    unet: Record<string, unknown>;
    textEncoder: string | Record<string, unknown>;
    trainTextEncoder: boolean;
    scheduler: Record<string, unknown>;
    minSnrGamma: number | null;
    start: string | null;
  };
  sampling: {
    everyNSteps: number | string;
    steps: number;
    guidanceScale: number;
    eta: number;
    seed: number;
  };
  export: { folder: string | null };
}

const folder = { type: "string", minLength: 1 } as const;

export const sections: Readonly<Record<string, object>> = {
  data: latentDataSection,
  model: {
    type: "object",
    description: "The parts that are trained, and the autoencoder that is not.",
    required: ["autoencoder", "unet", "textEncoder"],
    properties: {
      autoencoder: { ...folder, description: "Pipeline folder that has a `vae/`." },
      unet: { type: "object", description: "Keys of diffusers' `unet/config.json`." },
      textEncoder: {
        anyOf: [folder, { type: "object" }],
        description:
          "Pipeline folder that has a `text_encoder/` to start from; or keys of transformers' `config.json` for a new one, whose words are counted here.",
      },
      trainTextEncoder: {
        type: "boolean",
        default: true,
        description: "false: it stays as it is.",
      },
      scheduler: {
        type: "object",
        default: {},
        description: "Keys of `scheduler_config.json` that differ from Stable Diffusion 1.",
      },
      minSnrGamma: {
        anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }],
        default: 5,
        description: "Weight timesteps by min(SNR, gamma); null: all alike.",
      },
      start: {
        anyOf: [folder, { type: "null" }],
        default: null,
        description:
          "Checkpoint of an earlier run with weightAveraging whose averaged weights to start from.",
      },
    },
  },
  sampling: {
    type: "object",
    default: {},
    description: "Pictures of unseen drawings, made while training and at its end.",
    properties: {
      everyNSteps: { ...everySchema(1), default: 1000 },
      steps: { type: "integer", minimum: 1, default: 30 },
      guidanceScale: { type: "number", minimum: 1, default: 3 },
      eta: {
        type: "number",
        minimum: 0,
        maximum: 1,
        default: 0,
        description: "Fresh noise of DDIM's steps; 1: ancestral.",
      },
      seed: { type: "integer", minimum: 0, maximum: 2 ** 31, default: 0 },
    },
  },
  export: exportSection,
};

/** The spec's own sections, checked. */
export function settingsOf(spec: ExperimentSpec): TextToImageSettings {
  return readSections(spec, sections);
}
