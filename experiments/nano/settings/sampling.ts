import { count } from "./fields.ts";

export interface SamplingSettings {
  questions: string[];
  length: number;
}

export const sampling: object = {
  type: "object",
  description: "What the model says at the end.",
  default: {},
  properties: {
    questions: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["What is a heron?", "What is the capital of Norway?", "Which is larger, 31 or 13?"],
    },
    length: { ...count, default: 48, description: "Most tokens of an answer." },
  },
};
