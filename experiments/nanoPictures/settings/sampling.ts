import { count } from "../../nano/settings/fields.ts";

export interface SamplingSettings {
  length: number;
  pictures: number;
}

export const sampling: object = {
  type: "object",
  description: "How pictures of the validation are named at the end.",
  default: {},
  properties: {
    length: { ...count, default: 24, description: "Most tokens of an answer." },
    pictures: {
      ...count,
      default: 8,
      description: "Pictures of each kind in `pictures.png`, with their answers.",
    },
  },
};
