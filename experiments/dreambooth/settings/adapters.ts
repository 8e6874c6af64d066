import { loraProperties, type LoraProperties } from "seedbed";

import { positive, text } from "./schemas.ts";

/** Changes of low rank, in the place of the layers' own weights. */
export interface LoraSettings extends LoraProperties {
  targets: { unet: string[]; textEncoder: string[] };
}

/** A token whose vectors are learnt. */
export interface InversionSettings {
  token: string;
  initializer: string;
  vectors: number;
}

const layers: object = { type: "array", minItems: 1, items: text };

const { rank, alpha, seed } = loraProperties(4);

export const loraSchema: object = {
  type: ["object", "null"],
  default: null,
  description:
    "Train changes of low rank beside layers whose own weights stay as they are, in those parts that `model.trains` names; written as `pytorch_lora_weights.safetensors`.",
  properties: {
    rank,
    alpha,
    targets: {
      type: "object",
      default: {},
      description: "Linear layers and convolutions, by how their names end.",
      properties: {
        unet: { ...layers, default: ["to_q", "to_k", "to_v", "to_out.0"] },
        textEncoder: { ...layers, default: ["q_proj", "k_proj", "v_proj", "out_proj"] },
      },
    },
    seed,
  },
};

export const inversionSchema: object = {
  type: ["object", "null"],
  default: null,
  description:
    "Textual inversion: learn the vectors of a new token, beside what `model.trains` names; written as `learned_embeds.safetensors`.",
  required: ["token", "initializer"],
  properties: {
    token: { ...text, description: "Not in the vocabulary, such as `<my-cat>`; prompts name it." },
    initializer: { ...text, description: "Word whose vector the new ones start from." },
    vectors: { ...positive, default: 1, description: "More hold more, and take more of a prompt." },
  },
};
