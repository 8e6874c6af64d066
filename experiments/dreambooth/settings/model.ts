import { folder } from "./schemas.ts";

/** The model that is fine-tuned, and how. */
export interface ModelSettings {
  folder: string;
  trains: { unet: boolean; textEncoder: boolean };
  gradientCheckpointing: boolean;
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
    gradientCheckpointing: {
      type: "boolean",
      default: false,
      description: "Compute the UNet's blocks twice, to save the memory of the first time.",
    },
  },
};
