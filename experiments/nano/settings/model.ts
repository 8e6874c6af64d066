import { count, folder } from "./fields.ts";

/** Sizes of a model that begins from nothing. */
export interface ModelSizes {
  features: number;
  feedForward: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
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
  },
};
