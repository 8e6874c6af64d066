import { loraProperties, type LoraProperties } from "seedbed";

export interface LoraSettings extends LoraProperties {
  targets: string[];
}

const { rank, alpha, seed } = loraProperties(8);

export const lora: object = {
  type: ["object", "null"],
  default: null,
  description:
    "Train changes of low rank beside layers whose own weights stay as they are; `adapter/` has them in peft's form, `model/` has them in its weights.",
  properties: {
    rank,
    alpha,
    targets: {
      type: "array",
      items: { type: "string", minLength: 1 },
      minItems: 1,
      default: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
      description: "Linear layers, by how their names end.",
    },
    seed,
  },
};
