import { count } from "./fields.ts";

export interface EvaluationSettings {
  limit: number | null;
  documents: number | null;
}

/** The spec's section `evaluation`. */
export const evaluation: object = {
  type: "object",
  description: "How well the model does in the test, at the end.",
  default: {},
  properties: {
    limit: {
      type: ["integer", "null"],
      minimum: 0,
      default: 20,
      description:
        "Most items of each group of tasks, and a quarter as many that no function fits; 0: no evaluation, null: all.",
    },
    documents: {
      ...count,
      type: ["integer", "null"],
      default: 100,
      description: "Most documents of each set whose perplexity is measured; null: all.",
    },
  },
};
