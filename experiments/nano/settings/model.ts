import { count, folder } from "./fields.ts";

/** Form of a model that begins from nothing. */
export interface ModelSizes {
  features: number;
  feedForward: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  ropeTheta: number;
  inductionHeads: boolean;
}

export interface ModelSettings extends ModelSizes {
  folder: string | null;
}

/** The section `model` of what takes a trained one: its folder, or where it is when nobody says. */
export const givenModel = (fallback: string): object => ({
  type: "object",
  description: "The language model, of Llama's form, with its tokenizer.",
  default: {},
  properties: {
    folder: {
      type: "string",
      minLength: 1,
      default: fallback,
      description: "As transformers has it.",
    },
  },
});

export const model: object = {
  type: "object",
  description: "The language model, of Llama's form.",
  default: {},
  properties: {
    folder: {
      ...folder,
      description: "A model to go on with; the sizes are then its own.",
    },
    features: { ...count, default: 192 },
    feedForward: { ...count, default: 512 },
    layers: { ...count, default: 6 },
    heads: { ...count, default: 6 },
    keyValueHeads: { ...count, default: 2 },
    ropeTheta: {
      type: "number",
      exclusiveMinimum: 1,
      default: 10_000,
      description: "Positions turn the slowest features by nearly its inverse, in radians.",
    },
    inductionHeads: {
      type: "boolean",
      default: false,
      description:
        "Whether a new model begins with heads that copy, and with layers that add nothing; it is then of Qwen2's form.",
    },
  },
};
