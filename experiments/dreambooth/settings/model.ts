import { folder } from "./schemas.ts";

/** The model that is fine-tuned, and how. */
export interface ModelSettings {
  folder: string;
  trains: { unet: boolean; textEncoder: boolean };
  priorWeight: number;
  gradientCheckpointing: boolean;
  minSnrGamma: number | null;
}

export const modelSchema: object = {
  type: "object",
  description: "The model that is fine-tuned, and which of its parts.",
  required: ["folder"],
  properties: {
    folder: {
      ...folder,
      description:
        "Pipeline in the folder layout of diffusers, a `.ckpt` or `.safetensors` of the original code, or `hf:owner/name` of Hugging Face's hub.",
    },
    trains: {
      type: "object",
      default: {},
      description: "Which parts learn; the autoencoder never does.",
      properties: {
        unet: { type: "boolean", default: true },
        textEncoder: { type: "boolean", default: true },
      },
    },
    priorWeight: {
      type: "number",
      minimum: 0,
      default: 1,
      description: "Weight of the class images' loss; 0 trains without class images.",
    },
    gradientCheckpointing: {
      type: "boolean",
      default: false,
      description: "Compute the UNet's blocks twice, to save the memory of the first time.",
    },
    minSnrGamma: {
      anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }],
      default: null,
      description: "Weight timesteps by min(SNR, gamma); null: all alike.",
    },
  },
};
