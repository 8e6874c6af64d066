import {
  inversionSchema,
  loraSchema,
  type InversionSettings,
  type LoraSettings,
} from "./adapters.ts";
import { folder } from "./schemas.ts";
import {
  learningRatesSchema,
  trainsSchema,
  type LearningRates,
  type TrainsSettings,
} from "./trains.ts";

/** The model that is fine-tuned, and how. */
export interface ModelSettings {
  folder: string;
  trains: TrainsSettings;
  learningRates: LearningRates;
  lora: LoraSettings | null;
  inversion: InversionSettings | null;
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
    trains: trainsSchema,
    learningRates: learningRatesSchema,
    lora: loraSchema,
    inversion: inversionSchema,
    gradientCheckpointing: {
      type: "boolean",
      default: false,
      description: "Compute the UNet's blocks twice, to save the memory of the first time.",
    },
  },
};
