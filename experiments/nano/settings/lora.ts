import { count } from "./fields.ts";

export interface LoraSettings {
  rank: number;
  alpha: number | null;
  targets: string[];
  seed: number | null;
}

export const lora: object = {
  type: ["object", "null"],
  default: null,
  description:
    "Train changes of low rank beside layers whose own weights stay as they are; `adapter/` has them in peft's form, `model/` has them in its weights.",
  properties: {
    rank: { ...count, default: 8 },
    alpha: {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      default: null,
      description: "Changes are multiplied by alpha / rank; null: by 1.",
    },
    targets: {
      type: "array",
      items: { type: "string", minLength: 1 },
      minItems: 1,
      default: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
      description: "Linear layers, by how their names end.",
    },
    seed: {
      type: ["integer", "null"],
      minimum: 0,
      default: null,
      description: "Of the factors' first values; null: the run's.",
    },
  },
};
