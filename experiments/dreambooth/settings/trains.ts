import { intervalSchema } from "seedbed";

import type { TrainedLayers } from "../../textToImage/trainedLayers.ts";
import { text } from "./schemas.ts";

/** Which parts learn, and for how long. */
export interface TrainsSettings {
  unet: TrainedLayers;
  textEncoder: TrainedLayers;
  vae: boolean;
  /** Steps, or an interval. */
  textEncoderUntil: number | string | null;
}

/** Of the parts that have one of their own, in the place of `optimizer.learningRate`. */
export interface LearningRates {
  unet: number | null;
  textEncoder: number | null;
  vae: number | null;
  tokens: number | null;
}

const layers: object = {
  anyOf: [{ type: "boolean" }, { type: "array", minItems: 1, items: text }],
  default: true,
};

export const trainsSchema: object = {
  type: "object",
  default: {},
  description: "Which parts learn.",
  properties: {
    unet: {
      ...layers,
      description:
        'All of it, nothing, or the layers of these names: `[attn2, "down_blocks.*"]`. With `model.lora`: whether its changes are added.',
    },
    textEncoder: { ...layers, description: "The same, such as `[final_layer_norm]`." },
    vae: {
      type: "boolean",
      default: false,
      description:
        "The autoencoder learns to give the pictures back, as part of every step: slow, and for pictures that it cannot draw. Everything else is trained on what it then makes of them.",
    },
    textEncoderUntil: {
      ...intervalSchema(["steps", "epochs", "percent"]),
      type: ["integer", "string", "null"],
      minimum: 1,
      default: null,
      description: "Steps or an interval after which the text encoder learns no more.",
    },
  },
};

const rate: object = { type: ["number", "null"], exclusiveMinimum: 0, default: null };

export const learningRatesSchema: object = {
  type: "object",
  default: {},
  description:
    "Learning rates of single parts, each a group of parameters; null: that of `optimizer`. A schedule acts on all alike.",
  properties: {
    unet: rate,
    textEncoder: rate,
    vae: rate,
    tokens: { ...rate, description: "Of the vectors of `model.inversion`." },
  },
};
